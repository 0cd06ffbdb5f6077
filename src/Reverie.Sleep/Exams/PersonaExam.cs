using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>
/// Whether a model still talks as its base does: the base's own replies to everyday talk, sampled with several seeds, and how much less likely an adapter
/// finds them. The yardstick is how much the base's replies differ in likelihood from one seed to another.
/// </summary>
internal sealed class PersonaExam
{
    private const int Seeds = 8;

    private readonly Transformer _model;
    private readonly IKernels _kernels;
    private readonly StudyDocument[] _documents;
    private readonly (string Category, int First, int Count)[] _talks;
    private readonly IReadOnlyList<AnswerScore> _ofBase;
    private readonly double _deviation;

    /// <summary>Lets the base reply.</summary>
    /// <param name="model">The base.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="reply">Samples the base's replies to what is said, with one seed.</param>
    public PersonaExam(Transformer model, Tokenizer tokenizer, IKernels kernels, Func<IReadOnlyList<string>, ulong, IReadOnlyList<string>> reply)
    {
        (_model, _kernels) = (model, kernels);
        string[] said = [.. EverydayTalk.All.SelectMany(t => t.Said)];
        // Replies of one seed stand together, in the order of what is said.
        _documents = [.. Enumerable.Range(0, Seeds).SelectMany(seed => said.Zip(reply(said, (ulong)(seed * said.Length)), (s, r) => StudyDocument.Of(tokenizer, StudyItem.Of(StudyKind.Demonstration, s, r).Messages)))];
        int first = 0;
        _talks = [.. EverydayTalk.All.Select(t => (t.Category, First: (first += t.Said.Count) - t.Said.Count, t.Said.Count))];
        _ofBase = Score(null);
        // Of all kinds of talk together: from eight seeds that of one kind scatters by a factor of three, and not the same way for another base.
        _deviation = Math.Max(1e-6, Math.Sqrt(_talks.Average(t => Variance(Means(_ofBase, t.First, t.Count)))));
    }

    /// <summary>By how many standard deviations of the base's own seeds its replies are less likely under an adapter, by category; never less than nothing but for the error of sampling.</summary>
    public IReadOnlyDictionary<string, double> Measure(Adapter? adapter)
    {
        IReadOnlyList<AnswerScore> own = adapter is null ? _ofBase : Score(adapter);
        return _talks.ToDictionary(t => t.Category, t => (Means(_ofBase, t.First, t.Count).Average() - Means(own, t.First, t.Count).Average()) / _deviation);
    }

    private IReadOnlyList<AnswerScore> Score(Adapter? adapter) => _model.Wear(adapter, () => AnswerScores.Of(_model, _kernels, _documents));

    // Nats per token of a category's replies, for each seed.
    private double[] Means(IReadOnlyList<AnswerScore> scores, int first, int count)
    {
        int perSeed = _documents.Length / Seeds;
        return [.. Enumerable.Range(0, Seeds).Select(seed => Enumerable.Range((seed * perSeed) + first, count).Sum(i => scores[i].Sum) / Enumerable.Range((seed * perSeed) + first, count).Sum(i => scores[i].Count))];
    }

    private static double Variance(double[] values)
    {
        double mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
    }
}
