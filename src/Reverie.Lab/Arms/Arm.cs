using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>One way to remember: how the weights change and what stands before a question.</summary>
/// <param name="Name">One of <see cref="LabArms"/>.</param>
/// <param name="Learner">How the weights change; arms that share it share its nights.</param>
/// <param name="Prompter">What stands before a question.</param>
internal sealed record Arm(string Name, ILearner Learner, IPrompter Prompter)
{
    /// <summary>The arms of a life. All but the oracle see the journal and nothing else.</summary>
    public static IReadOnlyList<Arm> Of(LabOptions options, Bench bench, IJournal journal, SimulatedLife life, string folder)
    {
        var frozen = new Frozen();
        var plain = new PlainPrompter();
        SleepLearner? sleep = null;
        return [.. options.Arms.Select(name => name switch
        {
            LabArms.Frozen => new Arm(name, frozen, plain),
            LabArms.FullContext => new Arm(name, frozen, new FullContextPrompter(bench, journal)),
            LabArms.Retrieval => new Arm(name, frozen, new RecallPrompter(bench, journal, frozen)),
            LabArms.Naive => new Arm(name, new NaiveLearner(bench, journal, Path.Combine(folder, "naive")), plain),
            LabArms.Sleep => new Arm(name, sleep ??= new SleepLearner(bench, journal, folder), plain),
            LabArms.Both => new Arm(name, sleep ??= new SleepLearner(bench, journal, folder), new RecallPrompter(bench, journal, sleep)),
            LabArms.Oracle => new Arm(name, new OracleLearner(bench, life, options), plain),
            _ => throw new ArgumentOutOfRangeException(nameof(options), name, "There is no such arm."),
        })];
    }
}
