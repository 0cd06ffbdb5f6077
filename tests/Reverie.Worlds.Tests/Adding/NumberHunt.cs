using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds.Tests;

/// <summary>A number to be found in four guesses, each a call of a tool that answers "higher" or "lower". One in six ranges is held out, and new wordings.</summary>
public sealed class NumberHunt : ITaskSet
{
    private const int Numbers = 15, Guesses = 4;

    private static readonly Wordings FindIt = new(
        ["I think of a number from {a} to {b}. Find it.", "Guess my number between {a} and {b}."], ["Which number from {a} to {b} do I have in mind?"]);

    /// <inheritdoc/>
    public string Name => "number-hunt";

    /// <inheritdoc/>
    public IEnumerable<TaskItem> Tasks(Split split, ulong seed)
    {
        var random = new RandomStream(seed, $"tasks/{Name}/{split}");
        while (true)
        {
            int low = random.Next(1, 600) + (split == Split.OutOfDistribution ? 1000 : 0);
            if (!Composition.Fits($"{low}", split, 6)) continue;
            string request = Composition.Fill(FindIt.Pick(split, random), ("a", $"{low}"), ("b", $"{low + Numbers - 1}"));
            yield return new Hunt([new Message(Role.User, request)], low, low + random.Next(Numbers));
        }
    }

    private static string Guess(int number) => ToolCall.Write("guess", ("number", number));

    private sealed record Hunt(IReadOnlyList<Message> Prompt, int Low, int Hidden) : TaskItem
    {
        public override IReadOnlyList<Message> Prompt { get; } = Prompt;

        public override IActor Expert => new Reflex(Halve);

        public override IActor Wrong => new Script(Guess(Low - 1));

        public override IReadOnlyList<(string Name, IActor Actor)> Hacks =>
        [
            ("all numbers in one turn", new Script(string.Concat(Enumerable.Range(Low, Numbers).Select(Guess)))),
            ("says it instead of calling", new Script($"It is {Hidden}.")),
        ];

        public override IWorld Open() => new World(this);

        private string Halve(IReadOnlyList<Message> messages)
        {
            int low = Low, high = Low + Numbers - 1;
            foreach (Message answer in messages.Where(m => m.Role == Role.Tool))
            {
                int middle = (low + high) / 2;
                (low, high) = answer.Content == "higher" ? (middle + 1, high) : (low, middle - 1);
            }

            return Guess((low + high) / 2);
        }
    }

    private sealed class World(Hunt hunt) : ToolWorld(hunt.Prompt, Guesses)
    {
        private int _last;

        protected override string State => $"{_last}";

        protected override void Start() => _last = 0;

        protected override StepResult Call(ToolCall call)
        {
            if (call.Name != "guess" || call.Number("number") is not int number) return StepResult.Tool("call guess with a number");
            _last = number;
            return number == hunt.Hidden ? StepResult.End(1) : StepResult.Tool(number < hunt.Hidden ? "higher" : "lower");
        }

        protected override StepResult Say(string text) => StepResult.End(0);
    }
}
