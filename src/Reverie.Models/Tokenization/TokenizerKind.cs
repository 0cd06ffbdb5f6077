namespace Reverie.Models;

/// <summary>How a tokenizer turns text into the symbols that its merges join.</summary>
public enum TokenizerKind
{
    /// <summary>Bytes of UTF-8, in pieces that a split pattern cuts (GPT-2, Llama 3, Qwen; GGUF's <c>gpt2</c>).</summary>
    ByteLevel,

    /// <summary>
    /// Characters, with U+2581 for a space and bytes for what the vocabulary lacks, as SentencePiece has it
    /// (Llama 2, TinyLlama; GGUF's <c>llama</c>).
    /// </summary>
    SentencePiece,
}
