using System.Text.Json;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Tests;

public class BenchTests
{
    [Theory]
    [InlineData("bench tensors --size 32 --runs 1", "gflops ceiling_gflops utilisation shapes")]
    [InlineData("bench train --width 32 --layers 1 --sequence 16 --batch 2 --vocabulary 64 --steps 2", "tokens_per_second step_ms gflops ceiling_gflops utilisation peak_bytes allocated_bytes_per_step")]
    [InlineData("bench train --width 32 --layers 1 --sequence 16 --batch 2 --vocabulary 64 --steps 2 --optimizer muon", "tokens_per_second")]
    [InlineData("bench train --width 32 --layers 1 --sequence 16 --batch 2 --vocabulary 64 --steps 2 --rank 2", "tokens_per_second trained gflops")]
    [InlineData("bench decode --shape house --width 32 --layers 1 --vocabulary 64 --sequences 4 --tokens 8 --runs 1", "tokens_per_second one_tokens_per_second speedup")]
    [InlineData("bench adapters --width 32 --layers 1 --vocabulary 64 --owners 5 --rank 2 --adapters 3 --sequences 4 --tokens 8 --runs 1", "bytes_per_adapter load_milliseconds load_milliseconds95 tokens_per_second one_adapter_tokens_per_second adapters_tokens_per_second")]
    [InlineData("bench tokenizer --megabytes 1 --vocabulary 400 --runs 1", "train_mb_per_second encode_mb_per_second train_seconds tokens")]
    public void Json_has_its_figures_on_the_last_line(string command, string keys)
    {
        var streams = new Streams();
        Assert.True(streams.Run([.. command.Split(' '), "--threads", "1", "--json"]) == ExitCode.Success, streams.Error);
        JsonElement json = JsonDocument.Parse(streams.LastLine).RootElement;
        Assert.Single(streams.Output.TrimEnd('\n').Split('\n'));
        foreach (string key in keys.Split(' '))
        {
            JsonElement value = json.GetProperty(key);
            if (value.ValueKind == JsonValueKind.Number) Assert.True(double.IsFinite(value.GetDouble()));
        }

        Assert.NotEmpty(streams.Error);
    }

    [Fact]
    public void A_missing_text_is_one_clear_line()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Failure, streams.Run("bench", "tokenizer", "/nowhere/book.txt"));
        Assert.Matches(@"^reverie: Cannot read [^\n]*\n$", streams.Error);
    }

    [Fact]
    public void A_model_is_timed_and_continued_from_its_file()
    {
        using var tiny = new TinyModel();
        string gguf = Path.Combine(tiny.Folder, "tiny.gguf"), prompts = Path.Combine(tiny.Folder, "prompts.txt");
        using (var model = Checkpoint.Load(new Workspace(tiny.Folder).Resolve("tiny"))) GgufWriter.Write(gguf, model.Transformer, model.Tokenizer, WeightType.F32, "tiny");
        var streams = new Streams();
        Assert.True(streams.Run("bench", "decode", "--model", gguf, "--prompt", "10", "--tokens", "5", "--runs", "1", "--threads", "1", "--json") == ExitCode.Success, streams.Error);
        Assert.True(JsonDocument.Parse(streams.LastLine).RootElement.GetProperty("answer_tokens_per_second").GetDouble() > 0);

        File.WriteAllText(prompts, "a fox\nthe moon\n");
        streams = new Streams();
        Assert.True(streams.Run("bench", "greedy", gguf, prompts, "--tokens", "7", "--threads", "1") == ExitCode.Success, streams.Error);
        JsonElement[] lines = [.. streams.Output.TrimEnd('\n').Split('\n').Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.Equal(["a fox", "the moon"], lines.Select(l => l.GetProperty("prompt").GetString()));
        Assert.All(lines, l => Assert.Equal(7, l.GetProperty("ids").GetArrayLength()));
    }
}
