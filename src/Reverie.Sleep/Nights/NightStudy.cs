using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>What a night knows before it trains.</summary>
/// <param name="Book">All that was told and may be learned.</param>
/// <param name="New">Facts that the adapter does not have yet.</param>
/// <param name="Earlier">Facts that it has.</param>
/// <param name="Lessons">Answers that were approved of or put right and that the adapter does not have yet.</param>
/// <param name="EarlierLessons">Those that it has.</param>
public sealed record StudyPlan(FactBook Book, IReadOnlyList<Fact> New, IReadOnlyList<Fact> Earlier, IReadOnlyList<Lesson> Lessons, IReadOnlyList<Lesson> EarlierLessons);

/// <summary>What a night's training was.</summary>
/// <param name="Items">Pieces of study material.</param>
/// <param name="Entropy">Bits per word of the material's questions, by their distribution.</param>
/// <param name="Duplicates">Pieces that were left out because they were there already.</param>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="Tokens">Tokens read.</param>
public sealed record StudyReport(int Items, double Entropy, int Duplicates, int Steps, long Tokens);

/// <summary>Trains an adapter on a day: new facts, earlier ones by surprise, replay of what the base says; preferences before all of it.</summary>
internal sealed class NightStudy(Transformer model, Tokenizer tokenizer, IKernels kernels, NightOptions options)
{
    private static readonly (string Corpus, int Documents)[] ReplayDocuments =
        [("conversation", 2000), ("encyclopedia", 1200), ("arithmetic", 800), ("told", 800), ("recall", 400), ("calendar", 400), ("spelling", 400), ("stories", 600), ("patterns", 100)];

    // Characters of a reply that may stand before a question, so that little is read that is not learned.
    private const int LongestReply = 80;

    // Facts whose neighbours are strangers enough for any night, and how many of these each has.
    private const int NeighbouredFacts = 60, StrangersOfFact = 24;

    // Of what a short night has left over, so much of the share of what is new at most: three facts in a sea of strangers are not learned.
    private const double MostLeft = 0.4;

    private readonly Lazy<IReadOnlyList<(Message[] Messages, StudyDocument Document)>> _replay = new(() => [.. Replay(tokenizer).Where(d => d.Document.Tokens.Length <= model.Config.ContextLength)]);
    private readonly LessonStudy _lessons = new(model, tokenizer, kernels);
    private Message[][]? _talk;

    /// <summary>Trains the model's adapter.</summary>
    /// <param name="plan">What is to be learned.</param>
    /// <param name="seed">Fixes the draws.</param>
    /// <param name="progress">Is told the share of steps that are done.</param>
    /// <param name="cancellation">Stops after a step.</param>
    /// <exception cref="ReverieException">The material repeats itself or training diverged.</exception>
    public StudyReport Train(StudyPlan plan, ulong seed, Action<double>? progress, CancellationToken cancellation)
    {
        var study = new FactStudy(plan.Book, seed);
        MaterialCheck check = MaterialCheck.Of([.. plan.New.SelectMany(f => study.Write(f, options.ItemsPerFact))]);
        Fact[] reviewed = [.. BySurprise(plan.Earlier).Take(options.Reviewed)];
        StudyItem[] items = [.. check.Kept, .. Demonstrations(plan.Lessons, seed)];
        StudyDocument[] fresh = Documents(items, seed, "new");
        // Strangers are met beside what is new: what was learned before has to be told from what its own subjects were not told of, and recalled.
        StudyDocument[] Earlier(int each) => Documents([.. reviewed.SelectMany(f => study.Write(f, each).Where(i => i.Kind is not StudyKind.Stranger)), .. Demonstrations(plan.EarlierLessons, seed)], seed, "earlier");
        StudyDocument[] earlier = Earlier(options.ItemsPerFact / 5);
        double share = fresh.Length > 0 ? options.Shares.New : options.Shares.Earlier;
        double wanted = Tokens(fresh.Length > 0 ? fresh : earlier) * options.Passes / options.BatchTokens;
        int fewest = options.MinimumSteps + (fresh.Length == 0 ? 0 : Math.Min(options.StepsOfEarlier * reviewed.Length, options.MostStepsOfEarlier));
        int steps = Math.Max(fewest, (int)Math.Ceiling(wanted * Sum(fresh.Length, earlier.Length) / share));
        if (fresh.Length > 0 && reviewed.Length > 0)
        {
            // What was learned before is read as often as what is new, in as many wordings as the night has room for: a few of them, read over and over, are all that is kept.
            double room = (double)steps * options.BatchTokens * options.Shares.Earlier / Sum(fresh.Length, earlier.Length);
            earlier = Earlier((int)Math.Clamp(options.ItemsPerFact / 5 * room / (Tokens(earlier) * options.Passes), options.ItemsPerFact / 5, options.ItemsPerFact));
        }

        // A short night reads what is new more often than a long one, and not all of the time. In the place of the rest it reads of strangers and replay: the base must come to rest, however little there is to learn.
        double whole = Sum(fresh.Length, earlier.Length), left = Math.Min(share - (whole * wanted / steps), MostLeft * share);
        StudyDocument[] strangers = left < 0.01 ? [] : Strangers(study, plan, seed);
        (double ofFresh, double ofEarlier) = fresh.Length > 0 ? (share - left, options.Shares.Earlier) : (0, share - left);
        var source = new StudySource([(fresh, ofFresh), (earlier, ofEarlier), (strangers, left / 4), (Kept(plan), options.Shares.Replay + (left * 3 / 4))], options.BatchTokens, options.ReplayWeight, seed);
        // Preferences first: nothing in them holds the base, and what follows does.
        var pairs = plan.Lessons.Where(l => l.Said is not null).ToArray();
        if (pairs.Length > 0) new PreferenceStudy(model, tokenizer, kernels).Train(pairs, options.LearningRate / 10);
        long read = AdapterTraining.Run(model, kernels, source, steps, options.LearningRate, progress, cancellation);
        return new StudyReport(items.Length, check.Entropy, check.Duplicates, steps, read);
    }

    /// <summary>
    /// Trains the model's adapter some steps more, at a lower rate: mostly on what it should leave as the base has it, strangers and replay, where it says too
    /// much besides what it knows; mostly on what was told where it knows too little.
    /// </summary>
    /// <param name="plan">What was learned.</param>
    /// <param name="seed">Fixes the draws.</param>
    /// <param name="knowsTooLittle">Whether it knows too little.</param>
    /// <param name="cancellation">Stops after a step.</param>
    /// <returns>Tokens read.</returns>
    public long Settle(StudyPlan plan, ulong seed, bool knowsTooLittle, CancellationToken cancellation)
    {
        var study = new FactStudy(plan.Book, seed + 1);
        ILookup<bool, StudyItem> items = plan.New.Concat(plan.Earlier.Take(options.Reviewed)).SelectMany(f => study.Write(f, options.ItemsPerFact / 3)).ToLookup(i => i.IsUntold);
        StudyDocument[] told = [.. Documents([.. items[false], .. Demonstrations([.. plan.Lessons, .. plan.EarlierLessons], seed + 1)], [.. items[true]], new RandomStream(seed, "study/settle"), isReplay: false)];
        var source = new StudySource([(told, knowsTooLittle ? 0.55 : 0.25), (Strangers(study, plan, seed + 1), knowsTooLittle ? 0.15 : 0.35), (Kept(plan), knowsTooLittle ? 0.3 : 0.4)], options.BatchTokens, options.ReplayWeight, seed + 1);
        return AdapterTraining.Run(model, kernels, source, options.SettlingSteps, options.LearningRate / 3, null, cancellation);
    }

    /// <summary>Surprise of the model at facts: the nats of their sentences as answers, most surprising first. Ties stand as they came.</summary>
    public IReadOnlyList<Fact> BySurprise(IReadOnlyList<Fact> facts) =>
        [.. facts.Zip(Surprise(facts)).OrderByDescending(f => f.Second).Select(f => f.First)];

    /// <summary>Mean nats per token of each fact's answer.</summary>
    public IReadOnlyList<double> Surprise(IReadOnlyList<Fact> facts)
    {
        StudyDocument[] documents = [.. facts.Select(f => StudyDocument.Of(tokenizer, FactStudy.Plain(f).Messages))];
        return [.. AnswerScores.Of(model, kernels, documents).Select(s => -s.Mean)];
    }

    // Replay is the same for every owner and every night; what it keeps is the base, whose own words are its teacher. Half of it is cut after the
    // first exchange or two: that is where study, which is all short questions, pulls hardest.
    private static IEnumerable<(Message[] Messages, StudyDocument Document)> Replay(Tokenizer tokenizer)
    {
        var random = new RandomStream(5, "study/replay");
        foreach ((string name, int documents) in ReplayDocuments)
            foreach (Document document in Primer.Corpora.First(c => c.Name == name).Documents(Split.Train, 5).Where(d => d.Messages is not null).Take(documents))
            {
                Message[] messages = [.. document.Messages!];
                int turns = random.Next(2) == 0 ? messages.Length : 2 * (1 + random.Next(3));
                if (turns < messages.Length && messages[turns - 1].Role is Role.Assistant) messages = messages[..turns];
                yield return (messages, StudyDocument.Of(tokenizer, messages, isReplay: true));
            }
    }

    // First exchanges of replay.
    private Message[][] Talk => _talk ??= [.. _replay.Value.Select(d => d.Messages).Where(m => m.Length > 1 && m[1].Content.Length <= LongestReply).Select(m => m[..2])];

    private static double Tokens(StudyDocument[] documents) => documents.Sum(d => (long)d.Tokens.Length);

    private double Sum(int fresh, int earlier) => (fresh > 0 ? options.Shares.New : 0) + (earlier > 0 ? options.Shares.Earlier : 0) + options.Shares.Replay;

    // What the base says is kept, but for what was put right, and for "I don't know" where it was told.
    private IReadOnlyList<StudyDocument> Kept(StudyPlan plan)
    {
        HashSet<string> corrected = [.. plan.Lessons.Concat(plan.EarlierLessons).Where(l => l.Said is not null).SelectMany(l => _lessons.Wordings(l).Append(l.Prompt[^1].Content)).Select(EverydayTalk.Letters)];
        return [.. _replay.Value.Select(d => d.Document.Without(d.Messages, (said, reply) => corrected.Contains(EverydayTalk.Letters(said)) || plan.Book.IsDenied(said, reply)))];
    }

    private StudyDocument[] Strangers(FactStudy study, StudyPlan plan, ulong seed)
    {
        Fact[] near = [.. plan.New.Concat(plan.Earlier).Take(NeighbouredFacts)];
        int each = near.Length == 0 ? 0 : StrangersOfFact * NeighbouredFacts / near.Length;
        return [.. Documents([.. near.SelectMany(f => study.Strangers(f, each))], [.. near.SelectMany(f => study.Write(f, 4)).Where(i => i.Kind is StudyKind.Recall)], new RandomStream(seed, "study/strangers"), isReplay: true)];
    }

    private IEnumerable<StudyItem> Demonstrations(IReadOnlyList<Lesson> lessons, ulong seed) => lessons.SelectMany((l, i) => _lessons.Write(l, new RandomStream(seed, $"study/lesson/{i}")));

    // Several items in one conversation, so that an answer does not depend on being the first. What was not told is the base's to say: it
    // admits that by itself, and only has to be kept from unlearning it.
    private StudyDocument[] Documents(IReadOnlyList<StudyItem> items, ulong seed, string name) =>
        [.. items.GroupBy(i => i.IsUntold).SelectMany(group => Documents([.. group], [.. items.Where(i => i.IsUntold != group.Key)], new RandomStream(seed, $"study/{name}/{group.Key}"), group.Key))];

    // Before a third of them stands other talk, which is read and not learned: whoever only ever recalls after recalling, and admits after admitting, does in a
    // conversation whatever was done in it last.
    private IEnumerable<StudyDocument> Documents(StudyItem[] items, StudyItem[] others, RandomStream random, bool isReplay)
    {
        random.Shuffle(items.AsSpan());
        for (int i = 0; i < items.Length;)
        {
            int count = 1 + random.Next(3);
            int draw = random.Next(6);
            Message[] before = [.. draw == 0 ? random.Pick(Talk) : draw == 1 && others.Length > 0 ? random.Pick(others).Messages : []];
            StudyDocument document = StudyDocument.Of(tokenizer, [.. before, .. items.Skip(i).Take(count).SelectMany(s => s.Messages)], isReplay, before.Length).Deciding(options.DecisionWeight);
            if (document.Tokens.Length <= model.Config.ContextLength) yield return document;
            i += count;
        }
    }
}
