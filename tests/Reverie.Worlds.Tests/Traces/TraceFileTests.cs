using CsCheck;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds.Tests.Traces;

public sealed class TraceFileTests : IDisposable
{
    private static readonly Gen<string> _text = Gen.Select(Gen.Char, Gen.Int[0, 9], (c, i) => i switch { 0 => '\n', 1 => '"', 2 => '\u2028', 3 => '\0', 4 => 'é', 5 => '<', _ => char.IsSurrogate(c) ? '?' : c }).Array[0, 20].Select(c => new string(c));
    private static readonly Gen<double> _number = Gen.OneOf(Gen.Double, Gen.Const(double.NaN), Gen.Const(double.NegativeInfinity), Gen.Const(-0.0));
    private static readonly Gen<Role> _role = Gen.Int[0, 3].Select(r => (Role)r);

    private static readonly Gen<(TraceSpan, int[], float[]?)> _run = Gen.Select(
        _role, Gen.Bool, Gen.Int[0, 200_000].Array[1, 6], Gen.Float.Array[6], Gen.Bool,
        (author, isActor, tokens, logP, isKnown) => (new TraceSpan(author, 0, tokens.Length, isActor), tokens, isKnown ? logP[..tokens.Length] : null));

    private static readonly Gen<Trace> _trace =
        from messages in Gen.Select(_role, _text, (role, text) => new Message(role, text)).Array[0, 6]
        from prompt in Gen.Int[0, messages.Length]
        from runs in _run.Array[0, 6]
        from scores in Gen.Select(_text, _number, Gen.Int[-1, 5], (name, value, step) => new Score(name, value, step)).Array[0, 3]
        from names in _text.Array[4]
        from numbers in Gen.ULong.Array[2]
        from stop in Gen.Int[0, 4]
        select Of(messages, prompt, runs, scores, names, numbers, (TraceStop)stop);

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_read_back_equals_what_was_written() => _trace.Array[0, 5].Sample(
        traces =>
        {
            string path = Path.Combine(_folder, $"{Guid.NewGuid():n}.jsonl");
            TraceFile.Save(path, traces);
            Assert.Equal(traces.Length, File.ReadLines(path).Count());
            Trace[] read = [.. TraceFile.Load(path)];
            Assert.Equal(traces.Length, read.Length);
            for (int i = 0; i < traces.Length; i++) AssertEqual(traces[i], read[i]);
        },
        iter: 300, threads: 1);

    [Fact]
    public void Damaged_lines_give_one_clear_error_or_a_trace_but_never_another_exception() => Gen.Select(_trace, Gen.Int[0, 5], Gen.Int[0, 1_000_000], Gen.Char).Sample(
        (trace, kind, place, letter) =>
        {
            string line = TraceFile.Line(trace);
            int at = place % line.Length;
            string damaged = kind switch
            {
                0 => line[..at],
                1 => line.Remove(at, 1),
                2 => line.Insert(at, letter.ToString()),
                3 => line[..at] + letter + line[(at + 1)..],
                4 => line.Replace("\"ids\":[", "\"ids\":[-1,", StringComparison.Ordinal),
                _ => line[at..],
            };
            try
            {
                Trace read = TraceFile.Parse(damaged, "traces.jsonl, line 7");
                Assert.Equal(read.Tokens.Count, read.LogProbabilities.Count);
                Assert.Equal(TraceFile.Line(read), TraceFile.Line(TraceFile.Parse(TraceFile.Line(read))));
            }
            catch (ReverieException e)
            {
                Assert.StartsWith("traces.jsonl, line 7 is not a trace: ", e.Message, StringComparison.Ordinal);
            }
        },
        iter: 3_000);

    [Fact]
    public void Played_episodes_come_back_with_and_without_tokens()
    {
        TaskItem[] tasks = [.. new CalendarTasks().Tasks(Split.Train, 1).Take(10)];
        Tokenizer tokenizer = Small.Tokenizer;
        foreach (TaskItem task in tasks)
            foreach (Tokenizer? used in new[] { tokenizer, null })
            {
                Trace trace = Episode.Play(task, task.Expert, used), read = TraceFile.Parse(TraceFile.Line(trace), tokenizer: used);
                AssertEqual(trace, read);
                Assert.Equal(trace.FinalHash, Episode.Replay(read, task));
                if (used is not null) Assert.Equal(trace.PromptForActor(), read.PromptForActor());
                foreach ((Branch branch, _) in Branch.Of(read, task))
                    AssertEqual(trace, Episode.Run([new Episode("", "", task, task.Expert, 0) { From = branch }], used)[0]);
            }
    }

    [Fact]
    public void People_can_read_what_was_said_in_the_file_and_in_the_rendering()
    {
        TaskItem task = new CalendarTasks().Tasks(Split.Train, 1).First();
        Trace trace = Episode.Play(task, task.Expert, Small.Tokenizer);
        Assert.Contains(task.Prompt[0].Content, TraceFile.Line(trace), StringComparison.Ordinal);
        string text = TraceText.Of(trace);
        Assert.Contains($"user      {task.Prompt[0].Content}\n", text, StringComparison.Ordinal);
        Assert.Contains("\n0  assistant <tool_call>", text, StringComparison.Ordinal);
        Assert.Contains(" tokens]\n", text, StringComparison.Ordinal);
        Assert.Contains("reward 1", text, StringComparison.Ordinal);
        Assert.Contains("\ndone, ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_and_a_line_that_is_no_trace_are_named()
    {
        string path = Path.Combine(_folder, "broken.jsonl");
        Assert.Contains("Cannot read", Assert.Throws<ReverieException>(() => TraceFile.Load(path).ToArray()).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "\n{}\n");
        Assert.Contains("broken.jsonl, line 2 is not a trace", Assert.Throws<ReverieException>(() => TraceFile.Load(path).ToArray()).Message, StringComparison.Ordinal);
    }

    private static Trace Of(Message[] messages, int prompt, (TraceSpan, int[], float[]?)[] runs, Score[] scores, string[] names, ulong[] numbers, TraceStop stop)
    {
        var trace = new Trace(names[0], names[1], numbers[0], null) { Model = names[2] };
        trace.Restore(messages, prompt, runs, [prompt, runs.Length]);
        trace.Add(scores);
        trace.End(stop, numbers[1], stop == TraceStop.Failed ? names[3] : null);
        return trace;
    }

    private static void AssertEqual(Trace expected, Trace actual)
    {
        Assert.Equal((expected.TaskSet, expected.Item, expected.Seed, expected.Model), (actual.TaskSet, actual.Item, actual.Seed, actual.Model));
        Assert.Equal(expected.Messages, actual.Messages);
        Assert.Equal((expected.PromptMessages, expected.TurnCount, expected.WrittenTokens), (actual.PromptMessages, actual.TurnCount, actual.WrittenTokens));
        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(expected.LogProbabilities.Select(BitConverter.SingleToInt32Bits), actual.LogProbabilities.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(expected.WrittenByTurn, actual.WrittenByTurn);
        Assert.Equal(expected.Spans, actual.Spans);
        Assert.Equal(expected.Turns, actual.Turns);
        Assert.Equal(expected.Scores.Select(s => (s.Name, BitConverter.DoubleToInt64Bits(s.Value), s.Step)), actual.Scores.Select(s => (s.Name, BitConverter.DoubleToInt64Bits(s.Value), s.Step)));
        Assert.Equal((expected.Stop, expected.FinalHash, expected.Failure), (actual.Stop, actual.FinalHash, actual.Failure));
    }
}
