using System.Text.Json;
using Reverie.Models;

namespace Reverie.Cli.Tests;

/// <summary>The ways in and out: import, export, merge, verify, new, show.</summary>
public sealed class ModelsCommandTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    private string At(string name) => Path.Combine(tiny.Folder, name);

    [Fact]
    public void A_model_goes_out_as_a_folder_and_comes_back_the_same()
    {
        Assert.Contains(At("out-hf"), Ok("models", "export", "tiny", At("out-hf")).Output);
        Assert.Equal(File.ReadAllBytes(At("models/tiny/2/model.safetensors")), File.ReadAllBytes(At("out-hf/model.safetensors")));
        Result import = Ok("models", "import", At("out-hf"), "--name", "back");
        Assert.Contains("chat back", import.Output);
        Assert.Contains("100.0%", Ok("models", "verify", "back", "tiny").Output);
        Assert.Contains("import", Ok("models", "show", "back").Output);
        Assert.Equal(Ok("generate", "tiny", "--prompt", "Once", "--greedy", "--max-tokens", "9").Output, Ok("generate", At("out-hf"), "--prompt", "Once", "--greedy", "--max-tokens", "9").Output);
    }

    [Fact]
    public void A_gguf_file_is_a_model_everywhere()
    {
        string path = At("out.gguf");
        Result export = Ok("models", "export", "tiny", path, "--json");
        Assert.Equal(2, JsonDocument.Parse(export.LastLine).RootElement.GetProperty("written").GetArrayLength());
        Assert.Contains("f32", Ok("models", "show", path).Output);
        Assert.Equal(0, JsonDocument.Parse(Ok("models", "verify", path, "tiny", "--json").LastLine).RootElement.GetProperty("largest").GetDouble());
        Assert.Equal(Ok("generate", "tiny", "--prompt", "Once", "--greedy", "--max-tokens", "9").Output, Ok("generate", path, "--prompt", "Once", "--greedy", "--max-tokens", "9").Output);
        Ok("eval", path, "addition", "--questions", "2");
        Ok("chat", path, "--max-tokens", "3");
        Ok("models", "import", path, "--name", "from-gguf");
        Assert.Contains("model.gguf", Ok("models", "show", "from-gguf").Output);
        Assert.Contains("from-gguf@1", Ok("models", "list").Output);
    }

    [Fact]
    public void Weights_are_quantised_as_they_are_loaded()
    {
        Assert.Equal(ExitCode.Failure, Run("models", "verify", "tiny", "tiny", "--quantize", "q8_0", "--tolerance", "0.000001").Code);
        Ok("models", "verify", "tiny", "tiny", "--quantize", "q8_0", "--tolerance", "1");
        Ok("generate", "tiny", "--prompt", "Once", "--quantize", "bf16", "--max-tokens", "3");
        Ok("models", "import", At("models/tiny/1"), "--name", "small", "--quantize", "q8_0");
        Assert.Contains("q8_0", Ok("models", "show", "small").Output);
    }

    [Fact]
    public void A_reference_is_written_and_told_apart_from_another_model()
    {
        Ok("models", "verify", "tiny", "--write", At("reference.json"), "--tolerance", "0.001");
        Ok("models", "verify", "tiny", At("reference.json"));
        Ok("models", "new", "other", "--shape", "house:32,1", "--vocabulary", Vocabulary(), "--type", "f32", "--seed", "7");
        Result other = Run("models", "verify", "other", At("reference.json"));
        Assert.Equal(ExitCode.Failure, other.Code);
        Assert.Contains("over the tolerance of 0.001", other.Output);
        Assert.Equal(ExitCode.Usage, Run("models", "verify", "tiny").Code);
        Assert.Equal(ExitCode.Failure, Run("models", "verify", "tiny", At("nothing.json")).Code);
    }

    [Fact]
    public void An_adapter_is_used_exported_and_merged()
    {
        using (var checkpoint = Checkpoint.Load(At("models/tiny/2")))
        {
            using var adapter = new Adapter(checkpoint.Transformer, 2);
            foreach (ref float value in adapter.Parameters.Values.Span) value += 0.1f;
            adapter.Save(At("adapter"), new Lineage { Name = "tiny", Version = "1", Parent = checkpoint.Lineage!.Id });
        }

        Ok("models", "merge", "tiny", At("adapter"), "--name", "merged");
        Ok("models", "verify", "tiny", "merged", "--adapter", At("adapter"));
        Assert.Equal(ExitCode.Failure, Run("models", "verify", "tiny", "merged").Code);
        Assert.Contains("merge", Ok("models", "show", "merged").Output);
        Ok("models", "export", "tiny", At("peft"), "--adapter", At("adapter"));
        Assert.Equal(File.ReadAllBytes(At("adapter/adapter_model.safetensors")), File.ReadAllBytes(At("peft/adapter_model.safetensors")));
        Ok("models", "export", "tiny", At("lora.gguf"), "--adapter", At("adapter"));
        Assert.Equal("GGUF"u8.ToArray(), File.ReadAllBytes(At("lora.gguf"))[..4]);
        Ok("generate", "tiny", "--prompt", "Once", "--adapter", At("peft"), "--max-tokens", "3");
        Assert.Contains("There is no adapter", Run("generate", "tiny", "--prompt", "Once", "--adapter", At("nowhere")).Error);
    }

    [Fact]
    public void New_models_have_known_shapes()
    {
        Assert.Contains("260k parameters", Ok("models", "new", "bench", "--shape", "stories260k", "--type", "q8_0", "--out", At("bench.gguf")).Output);
        Assert.Contains("Llama", Ok("models", "show", At("bench.gguf")).Output);
        Assert.Contains("There is no shape", Run("models", "new", "bench", "--shape", "nonsense").Error);
        Assert.Equal(ExitCode.Usage, Run("models", "new", "bench", "--shape", "stories260k", "--type", "q6_k").Code);
    }

    [Fact]
    public void Training_begins_with_a_file_and_with_a_quantised_base()
    {
        Ok("models", "export", "tiny", At("base.gguf"));
        string[] train = ["--tasks", "addition", "--steps", "1", "--questions", "0", "--batch-tokens", "128", "--threads", "1"];
        Ok(["train", "sft", At("base.gguf"), "--name", "taught", .. train]);
        Assert.Contains("sft", Ok("models", "show", "taught").Output);
        Ok(["train", "sft", "tiny", "--name", "adapted", "--lora", "2", "--quantize", "q8_0", "--keep-adapter", At("kept"), .. train]);
        Ok("models", "merge", "tiny", At("kept"), "--name", "with-kept");
    }

    private string Vocabulary()
    {
        using var checkpoint = Checkpoint.Load(At("models/tiny/2"));
        return checkpoint.Tokenizer.VocabularySize.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private Result Ok(params string[] args)
    {
        Result result = Run(args);
        Assert.True(result.Code == ExitCode.Success, result.Error);
        return result;
    }

    private Result Run(params string[] args)
    {
        var streams = new Streams();
        int code = streams.Run([.. args, "--workspace", tiny.Folder]);
        return new Result(code, streams.Output, streams.Error, streams.LastLine);
    }

    private sealed record Result(int Code, string Output, string Error, string LastLine);
}
