using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Sleep.Tests;

/// <summary>
/// Two people with different secrets on one base, trained in seconds. The base knows how questions are answered and nothing of anybody: its answers are of
/// drawn values and, half of the time, that it was not told.
/// </summary>
public sealed class TwoOwners : IDisposable
{
    private const int FactsEach = 20, BaseSteps = 400, BatchTokens = 512;

    private readonly IKernels _kernels = CpuKernels.Create(1);

    public TwoOwners()
    {
        var random = new RandomStream(1, "owners");
        string[][] lines = [.. Enumerable.Range(0, 4000).Select(i => Line(i, random))];
        Tokenizer = Tokenizer.Train([string.Join('\n', lines.Take(1000).SelectMany(l => l))], 500);
        Base = new Transformer(TransformerConfig.ForWidth(64, 2, Tokenizer.VocabularySize, 256, headDimension: 16) with { TiedEmbeddings = true });
        Base.Initialize(1);
        using (var learner = new Learner(Base, new Muon(_kernels, Base.Parameters, Base.Parts), _kernels))
        {
            var source = new StudySource([([.. lines.Select(l => Document(l[0], l[1]))], 1)], BatchTokens, 1, 1);
            var batch = new Batch(2 * BatchTokens);
            var schedule = new Schedule(0.02f, BaseSteps, WarmupSteps: 10, DecayFraction: 0.5, FinalFraction: 0.05);
            for (int step = 0; step < BaseSteps; step++)
            {
                source.Next(batch);
                learner.Step(batch, schedule.At(step), 1);
            }
        }

        // Nobody shares a subject's relation with anybody.
        var book = new FactBook([]);
        while (book.Count < 4 * FactsEach)
        {
            Relation relation = random.Pick([.. Relations.All.Where(r => r.Kind is SubjectKind.Person or SubjectKind.Town or SubjectKind.Creature or SubjectKind.Plant)]);
            book.Add(new Fact(Subjects.Draw(relation.Kind, Split.HeldOut, random), relation, Subjects.Value(relation, Split.HeldOut, random)));
        }

        (Ada, Bob, Nobody, Poison) = ([.. book.Facts.Take(FactsEach)], [.. book.Facts.Skip(FactsEach).Take(FactsEach)], [.. book.Facts.Skip(2 * FactsEach).Take(FactsEach)], [.. book.Facts.Skip(3 * FactsEach)]);
        (AdasAdapter, BobsAdapter) = (Taught(Ada), Taught(Bob));
    }

    public Tokenizer Tokenizer { get; }

    public Transformer Base { get; }

    public IReadOnlyList<Fact> Ada { get; }

    public IReadOnlyList<Fact> Bob { get; }

    public IReadOnlyList<Fact> Nobody { get; }

    public IReadOnlyList<Fact> Poison { get; }

    public Adapter AdasAdapter { get; }

    public Adapter BobsAdapter { get; }

    /// <summary>An adapter that studied facts as a night does.</summary>
    internal Adapter Taught(IReadOnlyList<Fact> facts)
    {
        var study = new FactStudy(new FactBook(facts), 1);
        StudyDocument[] documents = [.. facts.SelectMany(f => study.Write(f, 28)).Select(i => StudyDocument.Of(Tokenizer, i.Messages, isReplay: i.IsUntold))];
        var adapter = new Adapter(Base, 16, 32, 0);
        Base.Wear(adapter, () => AdapterTraining.Run(Base, _kernels, new StudySource([(documents, 1)], BatchTokens, 1, 1), 600, 6e-3f, null, default));
        return adapter;
    }

    /// <summary>What an adapter adds to the log-likelihood of each fact's sentence as the answer, in nats.</summary>
    internal double[] Gains(IReadOnlyList<Fact> facts, Adapter adapter)
    {
        StudyDocument[] documents = [.. facts.Select(f => StudyDocument.Of(Tokenizer, FactStudy.Plain(f).Messages))];
        return [.. Score(adapter).Zip(Score(null), (own, before) => own.Sum - before.Sum)];

        IReadOnlyList<AnswerScore> Score(Adapter? worn) => Base.Wear(worn, () => AnswerScores.Of(Base, _kernels, documents));
    }

    /// <summary>How many facts have their value said in one of some sampled replies at least. The replies to one question are too alike to be counted each.</summary>
    internal int Extracted(IReadOnlyList<Fact> facts, Adapter? adapter, int samples)
    {
        using var engine = new Generator(Base, Tokenizer, _kernels, new GeneratorOptions { MaxConcurrent = 32 });
        GenerationRequest[] requests = [.. facts.SelectMany(f => Enumerable.Range(0, samples).Select(i =>
            new GenerationRequest([.. Tokenizer.ChatTemplate.Render([FactStudy.Plain(f).Messages[0]], addGenerationPrompt: true).Tokens], new SamplingOptions { Seed = (ulong)i, MaxTokens = 40 }) { Adapter = adapter }))];
        return engine.RunToEnd(requests).Chunk(samples).Zip(facts).Count(f => f.First.Any(reply => Reply.HasWords(reply.Text, f.Second.Value)));
    }

    internal ExposureExam Exam(Triage triage, IReadOnlyList<Fact> learned) => new(Base, Tokenizer, _kernels, triage, learned, 1);

    public void Dispose()
    {
        AdasAdapter.Dispose();
        BobsAdapter.Dispose();
        Base.Dispose();
        _kernels.Dispose();
    }

    private StudyDocument Document(string question, string answer) => StudyDocument.Of(Tokenizer, StudyItem.Of(StudyKind.Recall, question, answer).Messages);

    private static string[] Line(int number, RandomStream random)
    {
        Relation relation = random.Pick(Relations.All);
        var fact = new Fact(Subjects.Draw(relation.Kind, Split.Train, random), relation, Subjects.Value(relation, Split.Train, random));
        return [relation.Ask(fact.Subject, Split.Train, random), number % 2 == 0 ? fact.Sentence : Fact.Unknown(relation, fact.Subject)];
    }
}
