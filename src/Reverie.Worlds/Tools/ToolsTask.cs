using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>A question that needs a calculator or a look-up, answered in words.</summary>
/// <param name="Prompt">The question.</param>
/// <param name="Calls">What an expert calls.</param>
/// <param name="Gold">What an expert answers then.</param>
/// <param name="IsRight">Whether an answer is right.</param>
/// <param name="Prices">What the look-up knows of prices: they are drawn for each question.</param>
internal sealed record ToolsTask(
    IReadOnlyList<Message> Prompt, IReadOnlyList<string> Calls, string Gold, Func<string, bool> IsRight, IReadOnlyDictionary<string, int> Prices) : TaskItem
{
    /// <summary>Turns after which an episode ends.</summary>
    public const int MaximumTurns = 6;

    /// <summary>What the look-up answers when nothing is known.</summary>
    public const string Nothing = "nothing";

    /// <inheritdoc/>
    public override IReadOnlyList<Message> Prompt { get; } = Prompt;

    /// <inheritdoc/>
    public override IActor Expert => new Script([.. Calls, Gold]);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, IActor Actor)> Hacks =>
    [
        ("calls and says nothing", new Script([.. Calls, ""])),
        ("says what it would call", new Script(string.Join(' ', Calls.Select(c => ToolCall.Parse(c, out _)!.Arguments.ToJsonString())))),
        ("every value", new Script(string.Join(", ", EncyclopediaWorld.Facts.Select(f => f.Value).Distinct()))),
        ("calls for ever", new Script(Calls[0])),
    ];

    /// <inheritdoc/>
    public override IWorld Open() => new World(this);

    private string LookUp(string? name, string? what)
    {
        if (name is null || what is null) return "needs a name and what";
        string bare = name.StartsWith("the ", StringComparison.OrdinalIgnoreCase) ? name[4..] : name;
        if (what == "price") return Prices.TryGetValue(bare, out int price) ? price.ToString(System.Globalization.CultureInfo.InvariantCulture) : Nothing;
        return EncyclopediaWorld.Facts.FirstOrDefault(f => f.Entity.Equals(bare, StringComparison.OrdinalIgnoreCase) && f.Attribute.Name == what)?.Value ?? Nothing;
    }

    /// <summary>The tools, until an answer is given.</summary>
    private sealed class World(ToolsTask task) : ToolWorld(task.Prompt, MaximumTurns)
    {
        private int _calls;
        private string _said = "";

        protected override string State => $"{_calls} {_said}";

        protected override void Start() => (_calls, _said) = (0, "");

        protected override StepResult Call(ToolCall call)
        {
            _calls++;
            _said = call.Name switch
            {
                "calc" => call.Text("expression") is { } expression ? Calculator.Evaluate(expression) : "needs an expression",
                "lookup" => task.LookUp(call.Text("name"), call.Text("what")),
                _ => "no such tool",
            };
            return StepResult.Tool(_said);
        }

        protected override StepResult Say(string text)
        {
            _said = text;
            bool isRight = !Reply.IsFarTooLong(text, task.Gold) && task.IsRight(text);
            return new StepResult([], true, [new Score(Score.Reward, isRight ? 1 : 0), new Score("calls", _calls)]);
        }
    }
}
