using Reverie.Models.Tests.Checkpoints;
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

    [Fact]
    public void A_model_is_timed_from_its_file()
    {
        string path = Path.Combine(Path.GetTempPath(), $"reverie-bench-{Environment.ProcessId}.gguf");
        using var kernels = new CpuKernels(1);
        try
        {
            using (Transformer model = SmallModels.Transformer()) GgufWriter.Write(path, model, SmallModels.Tokenizer, WeightType.Q8_0, "small");
            ModelBenchmark result = ModelBenchmark.Measure(path, kernels, promptTokens: 20, answerTokens: 10, runs: 1);
            Assert.True(result.FirstTokenSeconds > 0 && result.PromptTokensPerSecond > 0 && result.AnswerTokensPerSecond > 0);
            Assert.Contains("do not fit into the model's context of 128", Assert.Throws<ReverieException>(() => ModelBenchmark.Measure(path, kernels, 100, 100)).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
