using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>
/// One task: where it is done, and who can do it. Let the expert act and there is a demonstration; let a model act and there is a
/// rollout; look only at the reward and there is an evaluation.
/// </summary>
public abstract record TaskItem
{
    /// <summary>What the actor sees first; ends with a message that is not the actor's.</summary>
    public abstract IReadOnlyList<Message> Prompt { get; }

    /// <summary>A world for one episode, at its start.</summary>
    public abstract IWorld Open();

    /// <summary>An actor that scores full marks.</summary>
    public abstract IActor Expert { get; }

    /// <summary>An actor that tries honestly and fails; null where another task's expert serves.</summary>
    public virtual IActor? Wrong { get; init; }

    /// <summary>Ways to cheat that only this task invites; <see cref="Actors.Hacks"/> are tried on every task.</summary>
    public virtual IReadOnlyList<(string Name, IActor Actor)> Hacks { get; init; } = [];

    /// <summary>Who answers what the actor says to the other side; null where nobody does.</summary>
    public virtual IActor? Partner => null;

    /// <summary>What a model that plays the other side in the partner's place is told; null where there is no other side.</summary>
    public string? PartnerBrief { get; init; }

    /// <summary>Whether the right answer is to admit that one does not know.</summary>
    public bool IsUnanswerable { get; init; }
}

/// <summary>A task of one reply.</summary>
/// <param name="Prompt">The conversation up to the reply that is wanted; ends with a turn that is not the assistant's.</param>
/// <param name="Gold">A reply that scores 1.</param>
/// <param name="Score">Scores a reply between 0 and 1.</param>
public sealed record Question(IReadOnlyList<Message> Prompt, string Gold, Func<string, double> Score) : TaskItem
{
    /// <inheritdoc/>
    public override IReadOnlyList<Message> Prompt { get; } = Prompt;

    /// <inheritdoc/>
    public override IActor Expert => new Script(Gold);

    /// <summary>Further judgements of a reply, which are only reported: under other names than <see cref="Score.Reward"/>.</summary>
    public Func<string, IEnumerable<Score>>? AlsoReports { get; init; }

    /// <inheritdoc/>
    public override IWorld Open() => new World(this, null);

    /// <summary>One question, one reply, one score.</summary>
    private sealed class World(Question question, string? reply) : IWorld
    {
        private string? _reply = reply;

        public ulong Hash => StateHash.Of(_reply ?? "\0unanswered");

        public IReadOnlyList<Message> Reset()
        {
            _reply = null;
            return question.Prompt;
        }

        public StepResult Step(string turn)
        {
            _reply = turn;
            StepResult end = StepResult.End(question.Score(turn));
            return question.AlsoReports is { } also ? end with { Scores = [.. end.Scores, .. also(turn)] } : end;
        }

        public IWorld Fork() => new World(question, _reply);
    }
}
