using CsCheck;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

public sealed class ReplyTraceTests
{
    [Fact]
    public void A_trace_comes_back_from_its_bytes_to_the_bit() => Gen.Select(Gen.Int[0, int.MaxValue], Gen.Select(Gen.Int[0, int.MaxValue], Gen.Float).Array[0, 40]).Sample((length, tokens) =>
    {
        var trace = new ReplyTrace { PromptLength = length, Tokens = [.. tokens.Select(t => t.Item1)], LogProbabilities = [.. tokens.Select(t => t.Item2)] };
        var read = ReplyTrace.FromBytes(trace.ToBytes());
        Assert.Equal(trace.PromptLength, read.PromptLength);
        Assert.Equal(trace.Tokens, read.Tokens);
        Assert.Equal(trace.LogProbabilities.Select(BitConverter.SingleToInt32Bits), read.LogProbabilities.Select(BitConverter.SingleToInt32Bits));
    });

    [Fact]
    public void Other_bytes_are_refused_or_are_a_trace() => Gen.Byte.Array[0, 30].Sample(bytes =>
    {
        if (bytes.Length > 0) bytes[0] = 1;
        try
        {
            var trace = ReplyTrace.FromBytes(bytes);
            Assert.Equal(trace.Tokens.Count, trace.LogProbabilities.Count);
        }
        catch (ReverieException e)
        {
            Assert.Contains("trace", e.Message);
        }
    });

    [Fact]
    public void A_token_of_a_small_vocabulary_takes_six_bytes() =>
        Assert.InRange(new ReplyTrace { PromptLength = 100, Tokens = [.. Enumerable.Range(5000, 1000)], LogProbabilities = new float[1000] }.ToBytes().Length, 6000, 6010);

    [Fact]
    public void A_trace_with_a_hole_is_refused()
    {
        Assert.Throws<ReverieException>(() => new ReplyTrace { PromptLength = 1, Tokens = [1, 2], LogProbabilities = [0] }.ToBytes());
        Assert.Throws<ReverieException>(() => new ReplyTrace { PromptLength = 1, Tokens = [-1], LogProbabilities = [0] }.ToBytes());
    }
}
