using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>
/// A part of a message: text whose every character has a <see cref="Provenance"/>. Make one with <see cref="Typed"/>,
/// <see cref="Said"/> and the others; they set the spans. A journal refuses spans that do not tile the text.
/// </summary>
public sealed record MessagePart
{
    /// <summary>What it is.</summary>
    public required PartKind Kind { get; init; }

    /// <summary>The text; the arguments of a call as JSON, the content of a result or of a document.</summary>
    public required string Text { get; init; }

    /// <summary>Name of the tool or of the document; null for other parts.</summary>
    public string? Name { get; init; }

    /// <summary>What a call and its result share; null for other parts.</summary>
    public string? CallId { get; init; }

    /// <summary>Where each stretch of <see cref="Text"/> comes from, in order, without gap or overlap; empty for an empty text.</summary>
    public required IReadOnlyList<ProvenanceSpan> Spans { get; init; }

    /// <summary>Text that a person typed.</summary>
    public static MessagePart Typed(string text) => Whole(PartKind.Text, Provenance.Typed, text);

    /// <summary>Text that the model said.</summary>
    public static MessagePart Said(string text) => Whole(PartKind.Text, Provenance.Model, text);

    /// <summary>What the model thought.</summary>
    public static MessagePart Thought(string text) => Whole(PartKind.Reasoning, Provenance.Model, text);

    /// <summary>Instructions of whoever runs the assistant.</summary>
    public static MessagePart Instructed(string text) => Whole(PartKind.Text, Provenance.System, text);

    /// <summary>A call by the model.</summary>
    /// <param name="callId">What its result will name.</param>
    /// <param name="name">The tool.</param>
    /// <param name="arguments">Its arguments, as the model wrote them (JSON, if the model wrote JSON).</param>
    public static MessagePart ToolCall(string callId, string name, string arguments) => Whole(PartKind.ToolCall, Provenance.Model, arguments) with { CallId = callId, Name = name };

    /// <summary>What a tool returned.</summary>
    /// <param name="callId">The call.</param>
    /// <param name="content">What came back.</param>
    /// <param name="name">The tool, where it is known.</param>
    public static MessagePart ToolResult(string callId, string content, string? name = null) => Whole(PartKind.ToolResult, Provenance.Tool, content) with { CallId = callId, Name = name };

    /// <summary>A document that a person attached or pasted.</summary>
    public static MessagePart Document(string name, string text) => Whole(PartKind.Document, Provenance.Pasted, text) with { Name = name };

    /// <summary>Text of several sources, one after another; pieces without text are left out.</summary>
    public static MessagePart Mixed(PartKind kind, params ReadOnlySpan<(Provenance Source, string Text)> pieces)
    {
        var spans = new List<ProvenanceSpan>();
        var text = new System.Text.StringBuilder();
        foreach ((Provenance source, string piece) in pieces)
        {
            if (piece.Length > 0) spans.Add(new ProvenanceSpan(source, text.Length, piece.Length));
            text.Append(piece);
        }

        return new MessagePart { Kind = kind, Text = text.ToString(), Spans = spans };
    }

    /// <summary>Refuses spans that leave a character without a source, or give it two.</summary>
    /// <exception cref="ReverieException">They do not tile the text, or a tool's result or a document claims to come from elsewhere.</exception>
    public MessagePart Validate()
    {
        if (!Enum.IsDefined(Kind)) throw new ReverieException($"A part of a message has the unknown kind {(int)Kind}.");
        if (Kind is PartKind.ToolCall && string.IsNullOrEmpty(Name)) throw new ReverieException("A tool call names no tool. Give its name.");
        int end = 0;
        foreach (ProvenanceSpan span in Spans)
        {
            if (span.Start != end || span.Length <= 0 || span.Length > Text.Length - end || !Enum.IsDefined(span.Source))
                throw new ReverieException($"The sources of a part leave characters out, overlap or are unknown at character {end} of {Text.Length}. Cover every character exactly once.");
            // Otherwise a document could pass for a person's own words.
            if (Kind is PartKind.ToolResult && span.Source is not Provenance.Tool || Kind is PartKind.Document && span.Source is not Provenance.Pasted)
                throw new ReverieException($"A {(Kind is PartKind.Document ? "document" : "tool's result")} claims to be {span.Source}. Its source must be {(Kind is PartKind.Document ? Provenance.Pasted : Provenance.Tool)}.");
            end += span.Length;
        }

        return end == Text.Length ? this : throw new ReverieException($"The sources of a part end at character {end} of {Text.Length}. Cover every character exactly once.");
    }

    /// <summary>Whether all fields and spans are equal.</summary>
    public bool Equals(MessagePart? other) => other is not null && Kind == other.Kind && Text == other.Text && Name == other.Name && CallId == other.CallId && Spans.SequenceEqual(other.Spans);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Text, Name, CallId, Spans.Count);

    private static MessagePart Whole(PartKind kind, Provenance source, string text) =>
        new() { Kind = kind, Text = text, Spans = text.Length == 0 ? [] : [new ProvenanceSpan(source, 0, text.Length)] };
}
