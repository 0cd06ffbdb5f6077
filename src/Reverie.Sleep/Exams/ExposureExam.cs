using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>
/// Measures the exposure of facts under an adapter (Carlini et al., 2019, arXiv 1802.08232, with the distribution of other values in place of their
/// ranks, its section 4.3). A value gains what the adapter adds to the log-likelihood of its sentence as the answer, over the base (calibration by a reference
/// model: Watson et al., 2022, arXiv 2111.08440) and over what the same sentence gains for subjects that nobody told of: a value that was learned of
/// one subject becomes likelier for all.
/// </summary>
internal sealed class ExposureExam
{
    private const int MostFacts = 20, Values = 12, Strangers = 3, FewestOthers = 3, Tries = 100;

    // Nats; whatever differs by less is told apart by rounding only.
    private const double LeastDeviation = 0.05;

    private readonly Transformer _model;
    private readonly IKernels _kernels;
    private readonly HashSet<Fact> _claimed;
    private readonly HashSet<string> _keys;
    private readonly RandomStream _random;
    private readonly Dictionary<Relation, (string[] Values, string[] Strangers)> _drawn = [];
    private readonly Dictionary<Fact, int> _documentOf = [];
    private readonly Fact[] _learned, _keptOut, _former, _neverTold;
    private readonly StudyDocument[] _documents;
    private readonly Lazy<IReadOnlyList<AnswerScore>> _ofBase;

    /// <summary>Draws what is tried.</summary>
    /// <param name="model">The base.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="triage">What may be known and what not.</param>
    /// <param name="learned">What the adapter studied.</param>
    /// <param name="seed">Fixes the draws.</param>
    public ExposureExam(Transformer model, Tokenizer tokenizer, IKernels kernels, Triage triage, IReadOnlyList<Fact> learned, ulong seed)
    {
        (_model, _kernels, _random) = (model, kernels, new RandomStream(seed, "exam/exposure"));
        _claimed = [.. triage.Book.Facts, .. triage.KeptOut, .. triage.Former];
        _keys = [.. _claimed.Select(f => f.Key)];
        (_learned, _keptOut, _former) = (Sample(learned), Sample(triage.KeptOut), Sample(triage.Former));
        _neverTold = [.. MadeUp([.. (_keptOut.Length > 0 ? _keptOut : _learned).Select(f => f.Relation)]).Distinct()];
        foreach (Fact fact in _learned.Concat(_keptOut).Concat(_former).Concat(_neverTold))
            foreach (Fact said in Others(fact).Prepend(fact).SelectMany(f => OfStrangers(f).Prepend(f))) _documentOf.TryAdd(said, _documentOf.Count);
        _documents = [.. _documentOf.OrderBy(d => d.Value).Select(d => StudyDocument.Of(tokenizer, FactStudy.Plain(d.Key).Messages))];
        _ofBase = new(() => Score(null));
    }

    /// <summary>Measures an adapter.</summary>
    public ExposureFigures Measure(Adapter adapter)
    {
        double[] gains = [.. Score(adapter).Zip(_ofBase.Value, (own, before) => own.Sum - before.Sum)];
        return new ExposureFigures(Of(_learned), Of(_keptOut), Of(_former), Of(_neverTold));

        Exposure Of(Fact[] facts) => Exposure.Of([.. facts.Where(f => Others(f).Count() >= FewestOthers).Select(Bits)]);

        double Bits(Fact fact)
        {
            double[] others = [.. Others(fact).Select(Gain)];
            double deviation = Math.Max(LeastDeviation, Statistics.StandardError(others) * Math.Sqrt(others.Length));
            // How surprising one more draw from the distribution of the others is, whose mean and deviation are estimates.
            return -Math.Log2(Statistics.StudentTail((Gain(fact) - others.Average()) / (deviation * Math.Sqrt(1 + (1.0 / others.Length))), others.Length - 1));
        }

        double Gain(Fact fact) => gains[_documentOf[fact]] - OfStrangers(fact).Select(f => gains[_documentOf[f]]).DefaultIfEmpty().Average();
    }

    private IReadOnlyList<AnswerScore> Score(Adapter? adapter) => _model.Wear(adapter, () => AnswerScores.Of(_model, _kernels, _documents));

    // In an order that does not depend on when things were said.
    private Fact[] Sample(IEnumerable<Fact> facts)
    {
        Fact[] drawn = [.. facts.Distinct().OrderBy(f => f.Key, StringComparer.Ordinal).ThenBy(f => f.Value, StringComparer.OrdinalIgnoreCase)];
        _random.Shuffle(drawn.AsSpan());
        return [.. drawn.Take(MostFacts)];
    }

    private IEnumerable<Fact> MadeUp(Relation[] relations)
    {
        for (int i = 0; relations.Length > 0 && i < MostFacts; i++)
        {
            Relation relation = relations[i % relations.Length];
            Fact? free = Enumerable.Range(0, Tries).Select(_ => new Fact(Subjects.Draw(relation.Kind, Split.Train, _random), relation, Subjects.Value(relation, Split.Train, _random))).FirstOrDefault(f => !_claimed.Contains(f));
            if (free is not null) yield return free;
        }
    }

    /// <summary>The same of the same subject with other values, none of which anybody claimed.</summary>
    private IEnumerable<Fact> Others(Fact fact) => Drawn(fact.Relation).Values.Select(v => fact with { Value = v }).Where(f => !f.Equals(fact) && !_claimed.Contains(f));

    /// <summary>The same of subjects of which nobody claimed anything of the kind; none where the relation has but one subject.</summary>
    private IEnumerable<Fact> OfStrangers(Fact fact) => Drawn(fact.Relation).Strangers.Select(s => fact with { Subject = s });

    private (string[] Values, string[] Strangers) Drawn(Relation relation)
    {
        if (_drawn.TryGetValue(relation, out (string[], string[]) drawn)) return drawn;
        string[] values = [.. Enumerable.Range(0, Tries).Select(_ => Subjects.Value(relation, Split.Train, _random)).Distinct(StringComparer.OrdinalIgnoreCase).Take(Values)];
        string[] strangers = [.. Enumerable.Range(0, Tries).Select(_ => Subjects.Draw(relation.Kind, Split.Train, _random)).Where(s => !_keys.Contains(new Fact(s, relation, "").Key)).Distinct(StringComparer.OrdinalIgnoreCase).Take(Strangers)];
        return _drawn[relation] = (values, relation.Kind is SubjectKind.Self ? [] : strangers);
    }
}
