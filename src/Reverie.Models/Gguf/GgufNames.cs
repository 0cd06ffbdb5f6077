namespace Reverie.Models;

/// <summary>GGUF's names of the weights of a decoder, and Hugging Face's for the same.</summary>
internal static class GgufNames
{
    /// <summary>Divisors of the rotary frequencies: not a weight, but part of the config.</summary>
    public const string RotaryFactors = "rope_freqs.weight";

    private static readonly (string Gguf, string Hub)[] _whole =
    [
        ("token_embd.", "model.embed_tokens."), ("output_norm.", "model.norm."), ("output.", "lm_head."),
    ];

    private static readonly (string Gguf, string Hub)[] _parts =
    [
        ("attn_norm.", "input_layernorm."), ("attn_q.", "self_attn.q_proj."), ("attn_k.", "self_attn.k_proj."), ("attn_v.", "self_attn.v_proj."),
        ("attn_q_norm.", "self_attn.q_norm."), ("attn_k_norm.", "self_attn.k_norm."), ("attn_output.", "self_attn.o_proj."),
        ("ffn_norm.", "post_attention_layernorm."), ("ffn_gate.", "mlp.gate_proj."), ("ffn_up.", "mlp.up_proj."), ("ffn_down.", "mlp.down_proj."),
    ];

    /// <summary>Hugging Face's name; the name itself where GGUF's is unknown.</summary>
    public static string ToHub(string name) => Translate(name, "blk.", "model.layers.", static pair => pair);

    /// <summary>GGUF's name; the name itself where Hugging Face's is unknown.</summary>
    public static string FromHub(string name) => Translate(name, "model.layers.", "blk.", static pair => (pair.Hub, pair.Gguf));

    private static string Translate(string name, string blocks, string theirBlocks, Func<(string Gguf, string Hub), (string From, string To)> direction)
    {
        if (!name.StartsWith(blocks, StringComparison.Ordinal)) return Replace(name, _whole, direction);
        int dot = name.IndexOf('.', blocks.Length);
        if (dot < 0) return name;
        string part = name[(dot + 1)..], translated = Replace(part, _parts, direction);
        return ReferenceEquals(part, translated) ? name : theirBlocks + name[blocks.Length..(dot + 1)] + translated;
    }

    private static string Replace(string name, (string, string)[] pairs, Func<(string, string), (string From, string To)> direction)
    {
        foreach ((string from, string to) in pairs.Select(direction))
            if (name.StartsWith(from, StringComparison.Ordinal)) return to + name[from.Length..];
        return name;
    }
}
