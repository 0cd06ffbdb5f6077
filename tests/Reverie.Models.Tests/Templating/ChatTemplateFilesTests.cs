using Reverie.Tensors;

namespace Reverie.Models.Tests.Templating;

public sealed class ChatTemplateFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-template-").FullName;

    private static readonly Message[] _talk = [new(Role.User, "Hi")];

    private Tokenizer Load(string? template, string? config)
    {
        Tokenizer.Train(["hello"], 300).Save(Path.Combine(_folder, Checkpoint.TokenizerFileName));
        if (template is not null) File.WriteAllText(Path.Combine(_folder, ChatTemplate.FileName), template);
        if (config is not null) File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), config);
        return Tokenizer.LoadFolder(_folder);
    }

    [Fact]
    public void The_file_is_taken_before_the_config()
    {
        Tokenizer tokenizer = Load("A{{ messages[0].content }}", """{"chat_template": "B"}""");
        Assert.Equal("AHi", tokenizer.Decode(tokenizer.ChatTemplate.Render(_talk, true).Tokens));
    }

    [Fact]
    public void A_list_of_templates_has_one_for_tools()
    {
        Tokenizer tokenizer = Load(null, """{"chat_template": [{"name": "default", "template": "D"}, {"name": "tool_use", "template": "T"}]}""");
        var options = new ChatTemplateOptions { Tools = [System.Text.Json.JsonDocument.Parse("{}").RootElement] };
        Assert.Equal("D", tokenizer.Decode(tokenizer.ChatTemplate.Render(_talk, true).Tokens));
        Assert.Equal("T", tokenizer.Decode(tokenizer.ChatTemplate.Render(_talk, true, options).Tokens));
    }

    [Fact]
    public void A_model_without_a_template_is_told_to_generate()
    {
        Tokenizer tokenizer = Load(null, """{"eos_token": "<|endoftext|>"}""");
        Assert.Contains("reverie generate", Assert.Throws<ReverieException>(() => tokenizer.ChatTemplate.Render(_talk, true)).Message);
        Assert.Contains("reverie generate", Assert.Throws<ReverieException>(() => tokenizer.ChatTemplate.AnswerStart).Message);
    }

    [Fact]
    public void A_tokenizer_of_ours_has_our_template()
    {
        Assert.True(Load(null, null).ChatTemplate.IsOwn);
        Assert.True(Load(ChatTemplate.Jinja + "\n", "{}").ChatTemplate.IsOwn);
        Assert.False(Load("{{ 1 }}", "{}").ChatTemplate.IsOwn);
    }

    [Theory]
    [InlineData("{{ 'é' }}\r\n\n", null)]
    [InlineData("{{ broken", "{\"a\": [1,  2]}")]
    [InlineData(null, "{\"chat_template\":   [{\"name\": \"default\", \"template\": \"D\"}]}")]
    [InlineData(null, "{\"chat_template\": \"x\"}")]
    [InlineData(null, "{\"eos_token\": \"<|endoftext|>\"}")]
    public void Templates_are_written_back_as_they_came(string? template, string? config)
    {
        Tokenizer tokenizer = Load(template, config);
        string copy = Path.Combine(_folder, "copy");
        Directory.CreateDirectory(copy);
        SettingsFiles.Write(copy, tokenizer, 64);
        Assert.Equal(template, File.Exists(Path.Combine(copy, ChatTemplate.FileName)) ? File.ReadAllText(Path.Combine(copy, ChatTemplate.FileName)) : null);
        if (config is not null) Assert.Equal(config, File.ReadAllText(Path.Combine(copy, "tokenizer_config.json")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
