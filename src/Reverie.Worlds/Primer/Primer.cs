using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// The embedded curriculum: endless, deterministic text and tasks for a model that is to become worth talking to within minutes,
/// without any download. Its vocabulary is small and its formats are few, because a small model sees only a few million tokens.
/// </summary>
public static class Primer
{
    private static readonly PrimerSkill[] Skills = [new Stories(), new Encyclopedia(), new Arithmetic(), new Spelling(), new Conversations(), new Patterns(), new Recall(), new Told()];

    /// <summary>The tasks of every skill.</summary>
    public static IReadOnlyList<ITaskSet> TaskSets => Skills;

    /// <summary>The examinations by which a raised model is judged.</summary>
    public static IReadOnlyList<ITaskSet> Exams { get; } =
    [
        new Exam("addition", (split, random) => Arithmetic.AdditionWithSteps(split, random)),
        new Exam("name-memory", (split, random) => Conversations.RememberName(split, random, between: 2)),
        new Exam("told", (split, random) => Skills[7].Ask(split, random)),
        new Exam("facts", Encyclopedia.Known),
        new Exam("spelling", (split, random) => Skills[3].Ask(split, random)),
        new Exam("stories", Stories.Request),
        new Exam("abstain", Encyclopedia.Unknown),
    ];

    /// <summary>The text of every skill, and what experts do in the task sets that RL trains on.</summary>
    public static IReadOnlyList<ICorpus> Corpora { get; } =
        [.. Skills, .. PrimerMixture.Pretrain.Shares.Keys.Where(name => Skills.All(s => s.Name != name)).Select(name => new Demonstrations(Worlds.TaskSets.Find(name)))];

    private sealed class Exam(string name, Func<Split, RandomStream, Question> ask) : ITaskSet
    {
        public string Name => name;

        public IEnumerable<TaskItem> Tasks(Split split, ulong seed)
        {
            var random = new RandomStream(seed, $"primer/exam/{name}/{split}");
            while (true) yield return ask(split, random);
        }
    }
}
