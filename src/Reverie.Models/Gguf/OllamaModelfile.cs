using System.Text;

namespace Reverie.Models;

/// <summary>The <c>Modelfile</c> with which <c>ollama create</c> takes a GGUF file (https://docs.ollama.com/modelfile).</summary>
public static class OllamaModelfile
{
    /// <summary>Writes its text.</summary>
    /// <param name="ggufFile">Name of the GGUF file beside it.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="tokenizer">Where it has the tokens of ChatML, turns are written with them.</param>
    public static string Text(string ggufFile, TransformerConfig config, Tokenizer tokenizer)
    {
        var text = new StringBuilder($"FROM ./{ggufFile}\nPARAMETER num_ctx {config.ContextLength}\n");
        foreach (int stop in tokenizer.StopTokens) text.Append($"PARAMETER stop {tokenizer.Spelling(stop)}\n");
        if (tokenizer.Id(SpecialToken.MessageStart) is null || tokenizer.Id(SpecialToken.MessageEnd) is null) return text.ToString();
        text.Append("TEMPLATE \"\"\"{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n\"\"\"\n");
        return text.ToString();
    }
}
