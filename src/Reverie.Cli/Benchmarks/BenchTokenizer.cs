using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Cli.Benchmarks;

/// <summary><c>reverie bench tokenizer</c>: learning a vocabulary and encoding with it, or encoding with another's.</summary>
internal sealed class BenchTokenizer : ReverieCommand
{
    /// <summary>Characters of a text that is handed to the tokenizer at once.</summary>
    private const int PieceCharacters = 1 << 18;

    /// <summary>The same with a tokenizer that is given: as a caller has them.</summary>
    private const int CallCharacters = 4000;

    private readonly Terminal _terminal;
    private readonly Argument<string?> _file = new("FILE") { Description = "A text in UTF-8. [default: text of the Primer]", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _tokenizer, _ids, _save;
    private readonly Option<int> _vocabulary, _megabytes, _runs, _threads;
    private readonly Option<bool> _specials, _json;

    /// <summary>Creates the command.</summary>
    public BenchTokenizer(Terminal terminal) : base("tokenizer", "Train a byte-level BPE vocabulary, then encode the same text with it; or encode a text with a tokenizer that is there.",
        "bench tokenizer", "bench tokenizer book.txt --vocabulary 4096 --json", "bench tokenizer book.txt --tokenizer qwen3/tokenizer.json --ids ids.txt")
    {
        _terminal = terminal;
        Arguments.Add(_file);
        _tokenizer = Option<string?>("--tokenizer", "Encode with this tokenizer.json, 4000 characters a call on one thread.", "FILE");
        _ids = Option<string?>("--ids", "With --tokenizer: write the ids here, a line for each call.", "FILE");
        _save = Option<string?>("--save", "With --tokenizer: write it out again, to here.", "FILE");
        _specials = Option<bool>("--special-tokens", "With --tokenizer: special tokens written in the text are such.");
        _vocabulary = Within(Option("--vocabulary", "Tokens to learn.", 4096, "V"), 280, 1 << 20);
        _megabytes = Within(Option("--megabytes", "How much text of the Primer, where no file is given.", 10, "N"), 1, 1000);
        _runs = Within(Option("--runs", "Runs of encoding to take the median of.", 3, "N"), 1, 1000);
        _threads = ThreadsOption();
        _json = JsonOption();
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        int threads = Machine.Threads(parsed.GetValue(_threads)), runs = parsed.GetValue(_runs);
        string? file = parsed.GetValue(_file);
        if (parsed.GetValue(_tokenizer) is { } tokenizerFile) return RunGiven(parsed, tokenizerFile, file ?? throw new ReverieException("Give a text to encode: reverie bench tokenizer FILE --tokenizer FILE."), runs);
        List<string> texts = file is null ? PrimerText(parsed.GetValue(_megabytes)) : ReadPieces(file);
        long bytes = texts.Sum(t => (long)Encoding.UTF8.GetByteCount(t));
        if (bytes == 0) throw new ReverieException($"{file} is empty. Give a file with some text.");

        long start = Stopwatch.GetTimestamp();
        var tokenizer = Tokenizer.Train(texts, parsed.GetValue(_vocabulary), new TokenizerTrainingOptions { Threads = threads });
        double trainSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long tokens = 0;
        double encodeSeconds = Machine.MedianSeconds(runs, () => tokens = tokenizer.EncodeAll(texts, threads).Sum(t => (long)t.Length));
        double oneSeconds = threads == 1 ? encodeSeconds : Machine.MedianSeconds(1, () => tokenizer.EncodeAll(texts, 1));
        double megabytes = bytes / 1e6;
        Machine.Print(parsed.GetValue(_json) ? _terminal.Error : _terminal.Output,
            ("text", $"{Figures.ThreeDigits(megabytes)} MB{(file is null ? " of the Primer" : "")}, {threads} threads"),
            ("train", $"{Figures.Whole(tokenizer.VocabularySize)} tokens in {Figures.ThreeDigits(trainSeconds)} s, {Figures.ThreeDigits(megabytes / trainSeconds)} MB/s"),
            ("encode", $"{Figures.ThreeDigits(megabytes / encodeSeconds)} MB/s, {Figures.ThreeDigits(megabytes / oneSeconds)} MB/s on one thread"),
            ("tokens", $"{Figures.Whole(tokens)}, {Figures.ThreeDigits(bytes / (double)tokens)} bytes each"));
        if (parsed.GetValue(_json))
        {
            JsonResult.Write(_terminal.Output, new
            {
                Bytes = bytes,
                Threads = threads,
                Vocabulary = tokenizer.VocabularySize,
                TrainSeconds = Math.Round(trainSeconds, 3),
                TrainMbPerSecond = Math.Round(megabytes / trainSeconds, 3),
                EncodeMbPerSecond = Math.Round(megabytes / encodeSeconds, 3),
                EncodeMbPerSecondOneThread = Math.Round(megabytes / oneSeconds, 3),
                Tokens = tokens,
                PeakBytes = Machine.PeakBytes(),
            });
        }

        return ExitCode.Success;
    }

    private int RunGiven(ParseResult parsed, string tokenizerFile, string file, int runs)
    {
        string text = ReadText(file);
        List<string> calls = [];
        for (int start = 0; start < text.Length;)
        {
            int end = Math.Min(text.Length, start + CallCharacters);
            if (end < text.Length && char.IsLowSurrogate(text[end])) end--;
            calls.Add(text[start..end]);
            start = end;
        }

        long begin = Stopwatch.GetTimestamp();
        var tokenizer = Tokenizer.Load(tokenizerFile);
        double loadSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        bool specials = parsed.GetValue(_specials);
        int[][] ids = new int[calls.Count][];
        void EncodeAll()
        {
            for (int i = 0; i < ids.Length; i++) ids[i] = specials ? tokenizer.EncodeWithSpecialTokens(calls[i]) : tokenizer.Encode(calls[i]);
        }

        double seconds = Machine.MedianSeconds(runs, EncodeAll);
        double megabytes = Encoding.UTF8.GetByteCount(text) / 1e6;
        long tokens = ids.Sum(t => (long)t.Length);
        if (parsed.GetValue(_ids) is { } path) AtomicFile.WriteText(path, string.Concat(ids.Select(i => string.Join(' ', i) + "\n")));
        if (parsed.GetValue(_save) is { } copy) tokenizer.Save(copy);
        Machine.Print(parsed.GetValue(_json) ? _terminal.Error : _terminal.Output,
            ("load", $"{Figures.Whole(tokenizer.VocabularySize)} tokens in {Figures.ThreeDigits(loadSeconds)} s"),
            ("encode", $"{Figures.ThreeDigits(megabytes / seconds)} MB/s on one thread, {Figures.ThreeDigits(megabytes)} MB"),
            ("tokens", $"{Figures.Whole(tokens)}"));
        if (parsed.GetValue(_json))
        {
            JsonResult.Write(_terminal.Output, new
            {
                Vocabulary = tokenizer.VocabularySize,
                LoadSeconds = Math.Round(loadSeconds, 4),
                EncodeMbPerSecond = Math.Round(megabytes / seconds, 3),
                Tokens = tokens,
            });
        }

        return ExitCode.Success;
    }

    private static string ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read {file}: {e.Message.TrimEnd('.')}. Check the path.", e);
        }
    }

    private static List<string> ReadPieces(string file)
    {
        try
        {
            using var reader = new StreamReader(file, Encoding.UTF8);
            var texts = new List<string>();
            var piece = new StringBuilder();
            while (reader.ReadLine() is { } line)
            {
                piece.Append(line).Append('\n');
                if (piece.Length >= PieceCharacters) Take();
            }

            Take();
            return texts;

            void Take()
            {
                if (piece.Length > 0) texts.Add(piece.ToString());
                piece.Clear();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read {file}: {e.Message.TrimEnd('.')}. Check the path.", e);
        }
    }

    private static List<string> PrimerText(int megabytes)
    {
        var texts = new List<string>();
        long left = megabytes * 1_000_000L;
        foreach (ICorpus corpus in Primer.Corpora)
        {
            long share = megabytes * 1_000_000L / Primer.Corpora.Count;
            var piece = new StringBuilder();
            foreach (Document document in corpus.Documents(Split.Train, 1))
            {
                piece.Append(document.Text ?? string.Join('\n', document.Messages!.Select(m => m.Content))).Append('\n');
                if (piece.Length < Math.Min(PieceCharacters, share)) continue;
                texts.Add(piece.ToString());
                share -= piece.Length;
                left -= piece.Length;
                piece.Clear();
                if (share <= 0 || left <= 0) break;
            }
        }

        return texts;
    }
}
