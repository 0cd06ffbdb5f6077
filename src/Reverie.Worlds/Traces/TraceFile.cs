using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Traces as JSON lines. What was said stands there as text, for people; tokens stand as runs of one author, with the log-probabilities
/// of a run as base64 of little-endian float32. What is read back equals what was written, bit by bit.
/// </summary>
public static class TraceFile
{
    private static readonly JsonSerializerOptions _options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="ReverieException">The file cannot be written.</exception>
    public static void Save(string path, IEnumerable<Trace> traces) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        foreach (Trace trace in traces) writer.WriteLine(Line(trace));
    });

    /// <summary>Reads a file, one trace after another.</summary>
    /// <param name="path">The file; empty lines are passed over.</param>
    /// <param name="tokenizer">The tokenizer of the tokens, for traces that are to be played on; else null.</param>
    /// <exception cref="ReverieException">The file cannot be read, or a line is no trace; the message names the line.</exception>
    public static IEnumerable<Trace> Load(string path, Tokenizer? tokenizer = null)
    {
        StreamReader reader;
        try
        {
            reader = new StreamReader(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Check the path.", e);
        }

        using (reader)
        {
            for (int number = 1; reader.ReadLine() is { } line; number++)
                if (line.Length > 0) yield return Parse(line, string.Create(CultureInfo.InvariantCulture, $"{path}, line {number}"), tokenizer);
        }
    }

    /// <summary>One trace as a line of JSON, without a line break.</summary>
    public static string Line(Trace trace) => JsonSerializer.Serialize(
        new Record(
            trace.TaskSet,
            trace.Item,
            trace.Seed,
            trace.Model,
            trace.PromptMessages,
            [.. trace.WrittenByTurn],
            [.. trace.Messages.Select(m => new Said(m.Role, m.Content))],
            [.. trace.Spans.Select(span => RunOf(trace, span))],
            [.. trace.Scores.Select(s => new Judged(s.Name, s.Value, s.Step))],
            trace.Stop,
            trace.FinalHash.ToString("x16", CultureInfo.InvariantCulture),
            trace.Failure),
        _options);

    /// <summary>Reads a line.</summary>
    /// <param name="line">What <see cref="Line"/> wrote.</param>
    /// <param name="where">Where it stands, for the message when it is no trace.</param>
    /// <param name="tokenizer">The tokenizer of the tokens, for a trace that is to be played on; else null.</param>
    /// <exception cref="ReverieException">The line is no trace.</exception>
    public static Trace Parse(string line, string where = "the line", Tokenizer? tokenizer = null)
    {
        try
        {
            Record record = JsonSerializer.Deserialize<Record>(line, _options) ?? throw new FormatException("it is null");
            if (record.Prompt < 0 || record.Prompt > record.Messages.Length) throw new FormatException("the prompt has more messages than there are");
            if (Array.Exists(record.Written, count => count < 0)) throw new FormatException("a turn has fewer than no tokens");
            var runs = new List<(TraceSpan, int[], float[]?)>();
            int start = 0;
            foreach (Run run in record.Tokens)
            {
                if (run.Ids.Length == 0 || Array.Exists(run.Ids, id => id < 0)) throw new FormatException("a run of tokens is empty, or a token is negative");
                runs.Add((new TraceSpan(run.By, start, run.Ids.Length, run.Drawn), run.Ids, Floats(run.LogP, run.Ids.Length)));
                start += run.Ids.Length;
            }

            var trace = new Trace(record.Set, record.Item, record.Seed, tokenizer) { Model = record.Model };
            trace.Restore([.. record.Messages.Select(m => new Message(m.By, m.Text))], record.Prompt, runs, record.Written);
            trace.Add([.. record.Scores.Select(s => new Score(s.Name, s.Value, s.Step))]);
            trace.End(record.Stop, ulong.Parse(record.Hash, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), record.Failure);
            return trace;
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException)
        {
            throw new ReverieException($"{where} is not a trace: {e.Message.TrimEnd('.')}. Delete it, or write the file again.", e);
        }
    }

    private static Run RunOf(Trace trace, TraceSpan span)
    {
        float[] logProbabilities = [.. trace.LogProbabilities.Skip(span.Start).Take(span.Length)];
        bool isKnown = Array.Exists(logProbabilities, p => BitConverter.SingleToUInt32Bits(p) != 0);
        return new Run(span.Author, span.IsActor, [.. trace.Tokens.Skip(span.Start).Take(span.Length)], isKnown ? Base64(logProbabilities) : null);
    }

    private static string Base64(float[] values)
    {
        byte[] bytes = MemoryMarshal.AsBytes<float>(values).ToArray();
        if (!BitConverter.IsLittleEndian)
            for (int i = 0; i < bytes.Length; i += sizeof(float)) bytes.AsSpan(i, sizeof(float)).Reverse();
        return Convert.ToBase64String(bytes);
    }

    private static float[]? Floats(string? base64, int count)
    {
        if (base64 is null) return null;
        byte[] bytes = Convert.FromBase64String(base64);
        if (bytes.Length != count * sizeof(float)) throw new FormatException("a run has more or fewer log-probabilities than tokens");
        return [.. Enumerable.Range(0, count).Select(i => System.Buffers.Binary.BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float))))];
    }

    private sealed record Record(
        string Set, string Item, ulong Seed, string Model, int Prompt, int[] Written, Said[] Messages, Run[] Tokens, Judged[] Scores, TraceStop Stop, string Hash, string? Failure = null);

    private sealed record Said(Role By, string Text);

    private sealed record Run(Role By, bool Drawn, int[] Ids, string? LogP = null);

    private sealed record Judged(string Name, double Value, int Step);
}
