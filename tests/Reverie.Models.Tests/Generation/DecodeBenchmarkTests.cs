using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation;

public sealed class DecodeBenchmarkTests
{
    [Fact]
    public void It_times_what_it_says()
    {
        Assert.Equal(260_032, DecodeBenchmark.Stories260K.ParameterCount);
        using var kernels = new CpuKernels(1);
        using var transformer = new Transformer(DecodeBenchmark.Stories260K);
        transformer.Initialize(1);
        DecodeBenchmark result = DecodeBenchmark.Measure(transformer, kernels, sequences: 3, tokens: 20, runs: 1);
        Assert.Equal((3, 20), (result.Sequences, result.TokensPerSequence));
        Assert.True(result.TokensPerSecond > 0);
    }
}
