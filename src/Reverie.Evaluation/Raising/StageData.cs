using System.Numerics;
using System.Security.Cryptography;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>The tokenised text that the stages of a run read, and the held-out text that they are measured on.</summary>
internal sealed class StageData : IDisposable
{
    private const long HeldOutTokens = 40_000, MinimumFileTokens = 1 << 22;

    // More than can be learnt in the time; a data set on the hub may have terabytes.
    private const double HubBytesPerMinute = 20e6;

    private readonly List<TokenDataset> _train = [], _heldOut = [];

    public IReadOnlyList<TokenDataset> Train => _train;

    public IReadOnlyList<TokenDataset> HeldOut => _heldOut;

    /// <summary>Adds files, a folder or a data set of the hub to the sources of a run.</summary>
    /// <param name="sources">Gets the new one.</param>
    /// <param name="path">What a person named.</param>
    /// <param name="workspace">Where downloads are kept.</param>
    /// <param name="minutes">Time in which they are to be read.</param>
    /// <param name="tell">Told of the progress: its fraction and a few words.</param>
    /// <param name="cancellation">Ends a download.</param>
    public static void AddFiles(List<RaiseSource> sources, string path, Workspace workspace, double minutes, Action<double, string> tell, CancellationToken cancellation)
    {
        tell(double.NaN, path);
        using var hub = new HuggingFaceHub(Path.Combine(workspace.DataFolder, "hub"));
        var progress = new Listener<HubProgress>(p => tell(p.TotalBytes is > 0 ? (double)p.Bytes / p.TotalBytes.Value : double.NaN, $"{path}: file {p.File} of {p.Files}"));
        FileCorpus corpus = FileCorpus.OpenAsync(path, hub, (long)(minutes * HubBytesPerMinute), progress, cancellation).GetAwaiter().GetResult();
        if (sources.Any(s => s.Corpus.Name == corpus.Name)) throw new ReverieException($"Two sources are called {corpus.Name}. Name each path once; put files of one name into one folder.");
        sources.Add(new RaiseSource(corpus, IsPrimer: false, corpus.Documents(Split.Train, 0).Take(20).Any(d => d.Messages is not null)));
    }

    /// <summary>Tokenises what the stages will read, unless that is done.</summary>
    public void Open(IReadOnlyList<RaiseSource> sources, IReadOnlyList<StagePlan> stages, ulong seed, Tokenizer tokenizer, string tokenizerPath, RunFolder run, Workspace workspace,
        Action<double, string> tell, CancellationToken cancellation)
    {
        // What is generated belongs to the run and goes with it; real text is tokenised once for all runs with this tokenizer.
        string shared = Path.Combine(workspace.DataFolder, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(tokenizerPath)))[..12]);
        for (int i = 0; i < sources.Count; i++)
        {
            ICorpus corpus = sources[i].Corpus;
            string folder = Path.Combine(sources[i].IsPrimer ? run.DataFolder : shared, new string([.. corpus.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')]));
            // A generator is read once: as many tokens as all stages want of it, and a little more for what documents leave over.
            // Of files no more than a budget can use is tokenised, in powers of two, so that the next run finds it done.
            double wanted = 1.2 * stages.Sum(s => s.TokensRead(corpus.Name));
            var options = new TokenDatasetOptions { MaximumTokens = sources[i].IsPrimer ? (long)(wanted * 1.02) + 4096 : (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(wanted, MinimumFileTokens)) };
            double fraction = (double)i / sources.Count;
            var progress = new Listener<TokenDatasetProgress>(p => tell(fraction, $"{corpus.Name}: {p.Tokens:N0} tokens"));
            _train.Add(TokenDataset.Build(corpus, Split.Train, seed, tokenizer, $"{folder}-train-{seed}", options, progress, cancellation));
            TokenDataset heldOut = TokenDataset.Build(corpus, Split.HeldOut, seed, tokenizer, $"{folder}-heldout-{seed}", new TokenDatasetOptions { MaximumTokens = HeldOutTokens }, progress, cancellation);
            if (heldOut.Count > 0) _heldOut.Add(heldOut);
            else heldOut.Dispose();
        }
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (TokenDataset data in _train.Concat(_heldOut)) data.Dispose();
    }

    // IProgress without a synchronisation context: the display wants to be told at once, on this thread.
    private sealed class Listener<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
