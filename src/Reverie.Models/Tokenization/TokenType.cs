namespace Reverie.Models;

/// <summary>What a token is; the numbers are SentencePiece's and GGUF's <c>tokenizer.ggml.token_type</c>.</summary>
public enum TokenType
{
    /// <summary>Text.</summary>
    Normal = 1,

    /// <summary>Stands for what the vocabulary cannot write.</summary>
    Unknown = 2,

    /// <summary>A special token that is not content.</summary>
    Control = 3,

    /// <summary>A special token that is content, such as <c>&lt;think&gt;</c>.</summary>
    UserDefined = 4,

    /// <summary>Never produced: it fills the vocabulary up.</summary>
    Unused = 5,

    /// <summary>One byte of a character that the vocabulary lacks.</summary>
    Byte = 6,
}
