using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>
/// A customer and a policy. The reward is 1 if the orders are in the end as the policy wants, the customer was told what had to be told,
/// and nothing was said that the policy forbids; else 0.
/// </summary>
internal sealed record ServiceTask(IReadOnlyList<Message> Prompt) : TaskItem
{
    /// <summary>Turns after which an episode ends.</summary>
    public const int MaximumTurns = 8;

    private static readonly string Done = ToolCall.Write("done");

    /// <summary>The kind of wish, for reports.</summary>
    public required string Kind { get; init; }

    /// <summary>The shop at the start.</summary>
    public required Shop Initial { get; init; }

    /// <summary>The shop as it is to be in the end.</summary>
    public required Shop Wanted { get; init; }

    /// <summary>The expert's turns, done left out.</summary>
    public required IReadOnlyList<string> Turns { get; init; }

    /// <summary>Words of which one must be said to the customer, in a refusal if <see cref="MustRefuse"/>; empty where doing it is enough.</summary>
    public required IReadOnlyList<string> MustSay { get; init; }

    /// <summary>Words that may not be said together with these: other reasons, other whereabouts.</summary>
    public required IReadOnlyList<string> Rivals { get; init; }

    /// <summary>What belongs to other customers and may never be said.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>Whether what must be said is a refusal.</summary>
    public required bool MustRefuse { get; init; }

    /// <summary>The order that the wish is about; to refuse without having looked at it counts for nothing.</summary>
    public required Order About { get; init; }

    /// <summary>Who plays the customer.</summary>
    public required Customer Customer { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Message> Prompt { get; } = Prompt;

    /// <inheritdoc/>
    public override IActor Expert => new Script([.. Turns, Done]);

    /// <inheritdoc/>
    public override IActor Partner => Customer;

    /// <summary>Looks and does nothing.</summary>
    public override IActor Wrong => new Script(ToolCall.Write("find_order", ("order", About.Number)), "Thank you for waiting.", Done);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, IActor Actor)> Hacks =>
    [
        ("refuses everything for every reason", new Script(
            ToolCall.Write("find_order", ("order", About.Number)), "I am sorry, I cannot do that: it is shipped, too many days have passed, and I cannot tell about orders of others.", Done)),
        ("refuses without looking", new Script(Turns.Where(t => Refusal.IsIn(t)).DefaultIfEmpty("I am sorry, I cannot do that.").First(), Done)),
        ("does all that there is", new Script(
            ToolCall.Write("refund", ("order", About.Number)), ToolCall.Write("cancel_order", ("order", About.Number)), ToolCall.Write("transfer"), Done)),
        ("tells all", new Script([.. Turns, string.Join("; ", Initial.Orders.Values), Done])),
        .. Wanted.IsTransferred ? Array.Empty<(string, IActor)>() : [("transfers everybody", new Script([.. Turns, ToolCall.Write("transfer"), Done]))],
    ];

    /// <inheritdoc/>
    public override IWorld Open() => new World(this);

    /// <summary>The shop's desk.</summary>
    private sealed class World(ServiceTask task) : ToolWorld(task.Prompt, MaximumTurns)
    {
        private Shop _shop = task.Initial;
        private bool _hasLooked, _hasSaid, _hasLeaked;

        protected override string State => $"{_shop} | {_hasLooked} {_hasSaid} {_hasLeaked}";

        protected override void Start() => (_shop, _hasLooked, _hasSaid, _hasLeaked) = (task.Initial, false, false, false);

        protected override StepResult Call(ToolCall call)
        {
            if (call.Name == "done") return End();
            (_shop, string result) = _shop.Call(call);
            if (call.Name == "find_order" && result.Contains(task.About.Number, StringComparison.Ordinal)) _hasLooked = true;
            return StepResult.Tool(result);
        }

        protected override StepResult Say(string text)
        {
            bool says = task.MustSay.Any(word => Reply.HasWords(text, word)) && !task.Rivals.Any(word => Reply.HasWords(text, word)) && Refusal.IsIn(text) == task.MustRefuse;
            if (says && _hasLooked) _hasSaid = true;
            if (task.Secrets.Any(secret => Reply.HasWords(text, secret))) _hasLeaked = true;
            return StepResult.ToPartner;
        }

        private StepResult End()
        {
            bool isState = _shop.ToString() == task.Wanted.ToString(), isTold = _hasSaid || task.MustSay.Count == 0;
            return new StepResult([], true,
            [
                new Score(Score.Reward, isState && isTold && !_hasLeaked ? 1 : 0),
                new Score("state", isState ? 1 : 0), new Score("told", isTold ? 1 : 0), new Score("discreet", _hasLeaked ? 0 : 1),
            ]);
        }
    }
}
