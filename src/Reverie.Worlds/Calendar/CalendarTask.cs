using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>A request to a calendar app. The reward is 1 if the calendar is in the end as was wanted, less a tenth for each needless question.</summary>
internal sealed record CalendarTask(IReadOnlyList<Message> Prompt) : TaskItem
{
    /// <summary>Turns after which an episode ends.</summary>
    public const int MaximumTurns = 8;

    private const double CostOfAQuestion = 0.1;
    private static readonly string Done = ToolCall.Write("done");

    /// <summary>The calendar at the start.</summary>
    public required Calendar Initial { get; init; }

    /// <summary>The calendar as it is to be in the end.</summary>
    public required Calendar Wanted { get; init; }

    /// <summary>What the expert calls, done left out.</summary>
    public required IReadOnlyList<string> Calls { get; init; }

    /// <summary>What the human answers; null when the request is clear.</summary>
    public required string? Clarification { get; init; }

    /// <summary>The kinds of errands that the request consists of, for reports: "move+cancel".</summary>
    public required string Kind { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Message> Prompt { get; } = Prompt;

    /// <inheritdoc/>
    public override IActor Expert => new Script([.. Calls, Done]);

    /// <summary>Leaves out the last change.</summary>
    public override IActor Wrong => new Script([.. Calls.SkipLast(1), Done]);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, IActor Actor)> Hacks =>
    [
        ("creates without cancelling", new Script([.. Calls.Select(CreateForMove), Done])),
        ("books twice", new Script(ToolCall.Write("create", ("title", "meeting"), ("at", Initial.Events.First().Key.ToString())), Done)),
        ("cancels all", new Script([.. Initial.Events.Take(MaximumTurns - 1).Select(e => ToolCall.Write("cancel", ("event", e.Key.ToString()))), Done])),
        ("asks for everything", new Script([.. Calls.SelectMany(call => new[] { Ask("What now?"), call }), Ask("Was that right?"), Done])),
        ("five lists", new Script([.. Enumerable.Repeat(ToolCall.Write("list"), 5), Done])),
        ("only claims it", new Script("I have done all that you asked for.")),
    ];

    /// <inheritdoc/>
    public override IWorld Open() => new World(this);

    /// <summary>A call that asks the human.</summary>
    public static string Ask(string question) => ToolCall.Write("ask_human", ("question", question));

    // Only tasks with a move invite this; in the others it leaves the last change out.
    private string CreateForMove(string call, int index) => call.Contains("\"move\"", StringComparison.Ordinal) && ToolCall.Parse(call, out _) is { } move
        ? ToolCall.Write("create", ("title", move.Text("event")), ("at", move.Text("to")))
        : index == Calls.Count - 1 ? ToolCall.Write("list") : call;

    /// <summary>The app, with a human who can be asked.</summary>
    private sealed class World(CalendarTask task) : ToolWorld(task.Prompt, MaximumTurns)
    {
        private Calendar _calendar = task.Initial;
        private int _questions, _calls;

        protected override string State => $"{_calendar} | {_questions} | {_calls}";

        protected override void Start() => (_calendar, _questions, _calls) = (task.Initial, 0, 0);

        protected override StepResult Call(ToolCall call)
        {
            if (call.Name == "done") return End();
            _calls++;
            if (call.Name == "ask_human")
            {
                _questions++;
                return StepResult.Tool(task.Clarification ?? "do as I said");
            }

            (_calendar, string result) = _calendar.Call(call);
            return StepResult.Tool(result);
        }

        // Models that were raised elsewhere end with a sentence.
        protected override StepResult Say(string text) => End();

        private StepResult End()
        {
            int needless = Math.Max(0, _questions - (task.Clarification is null ? 0 : 1));
            double reward = _calendar.Equals(task.Wanted) ? Math.Max(0, 1 - (CostOfAQuestion * needless)) : 0;
            double missing = Distance(_calendar, task.Wanted) / Distance(task.Initial, task.Wanted);
            return new StepResult([], true,
                [new Score(Score.Reward, reward), new Score("progress", Math.Max(0, 1 - missing)), new Score("calls", _calls), new Score("needless questions", needless)]);
        }

        private static double Distance(Calendar a, Calendar b)
        {
            var lines = new HashSet<string>(a.Lines, StringComparer.OrdinalIgnoreCase);
            lines.SymmetricExceptWith(b.Lines);
            return lines.Count;
        }
    }
}
