namespace Reverie.Models;

/// <summary>A token that plain text can never produce: it stands for structure, not for its letters.</summary>
/// <param name="Text">How it is written, e.g. <c>&lt;|im_end|&gt;</c>.</param>
/// <param name="IsContent">
/// Whether it belongs to what is said, as <c>&lt;think&gt;</c> does: then <see cref="Tokenizer.Decode"/> keeps it
/// even when it leaves special tokens out (Hugging Face writes such a token as <c>"special": false</c>).
/// </param>
public sealed record SpecialToken(string Text, bool IsContent = false)
{
    /// <summary>The end of a document.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <summary>Opens a message.</summary>
    public const string MessageStart = "<|im_start|>";

    /// <summary>Closes a message.</summary>
    public const string MessageEnd = "<|im_end|>";

    /// <summary>Opens reasoning.</summary>
    public const string ThinkStart = "<think>";

    /// <summary>Closes reasoning.</summary>
    public const string ThinkEnd = "</think>";

    /// <summary>Opens a tool call.</summary>
    public const string ToolCallStart = "<tool_call>";

    /// <summary>Closes a tool call.</summary>
    public const string ToolCallEnd = "</tool_call>";

    /// <summary>Takes the white space before it along (<see cref="Tokenizer.EncodeWithSpecialTokens"/> alone, as with the flags below).</summary>
    public bool TakesSpaceBefore { get; init; }

    /// <summary>Takes the white space after it along.</summary>
    public bool TakesSpaceAfter { get; init; }

    /// <summary>Is one only where no letter or digit touches it.</summary>
    public bool IsWholeWord { get; init; }

    /// <summary>Is looked for in the normalised text, where other special tokens are looked for in the text as it stands.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>The special tokens of our own models, in the order of their ids.</summary>
    public static IReadOnlyList<SpecialToken> Defaults { get; } =
    [
        new(EndOfText), new(MessageStart), new(MessageEnd),
        new(ThinkStart, true), new(ThinkEnd, true), new(ToolCallStart, true), new(ToolCallEnd, true),
    ];
}
