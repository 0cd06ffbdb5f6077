namespace Reverie.Models;

/// <summary>Why a generation ended.</summary>
public enum StopReason
{
    /// <summary>The model ended the text: <c>&lt;|endoftext|&gt;</c>.</summary>
    EndOfText,

    /// <summary>The model gave another stop token, usually <c>&lt;|im_end|&gt;</c>.</summary>
    StopToken,

    /// <summary>A stop text appeared.</summary>
    StopString,

    /// <summary><see cref="SamplingOptions.MaxTokens"/> is reached.</summary>
    MaxTokens,

    /// <summary>The model's context is full.</summary>
    ContextFull,

    /// <summary>Someone cancelled it; what was said until then is there.</summary>
    Cancelled,

    /// <summary>The request's <see cref="ITokenConstraint"/> allows nothing more but the end: what was said is whole. Or the embedding is there.</summary>
    Complete,

    /// <summary>It could not go on; <see cref="Generation.Failure"/> says why.</summary>
    Failed,
}
