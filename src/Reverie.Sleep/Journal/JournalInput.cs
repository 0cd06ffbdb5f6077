using System.Text;
using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>Checks what comes into a journal: it may come from anyone.</summary>
internal static class JournalInput
{
    private const int OwnerLength = 64;

    public static string Owner(string owner) =>
        owner.Length is > 0 and <= OwnerLength && owner.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@')
            ? owner
            : throw new ReverieException($"This cannot be a user's name. Use 1 to {OwnerLength} letters, digits, -, _, . or @.");

    /// <summary>An id as it is stored; what cannot be one becomes an id that nothing has.</summary>
    public static string Id(string id) => id.Length == 32 && id.All(char.IsAsciiHexDigitLower) ? id : "-";

    public static int Limit(int limit, int most) =>
        limit >= 1 && limit <= most ? limit : throw new ReverieException($"The limit is {limit}; it must be between 1 and {most}.");

    public static ConversationDetails Details(ConversationDetails details) => details with
    {
        Title = Title(details.Title),
        SystemPrompt = details.SystemPrompt is null ? null : Text(details.SystemPrompt, "system prompt"),
        Settings = Json(details.Settings, "settings"),
    };

    /// <summary>A text whose surrogates are paired; a lone one becomes U+FFFD, so that offsets stay.</summary>
    public static string Text(string text, string what)
    {
        if (text.Length > JournalLimits.Text) throw new ReverieException($"The {what} has {text.Length} characters; at most {JournalLimits.Text} are kept. Make it shorter.");
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!Rune.TryGetRuneAt(text, i, out _)) return Repaired(text);
            i++;
        }

        return text;
    }

    /// <summary>A JSON object, or null.</summary>
    public static string? Json(string? json, string what)
    {
        if (json is null) return null;
        try
        {
            using var document = JsonDocument.Parse(Text(json, what));
            if (document.RootElement.ValueKind is JsonValueKind.Object) return json;
        }
        catch (JsonException)
        {
            // The same line for both.
        }

        throw new ReverieException($"The {what} are no JSON object. Write them like {{\"temperature\":0.7}}.");
    }

    /// <summary>A message whose parts are whole.</summary>
    public static NewMessage Message(NewMessage message)
    {
        if (!Enum.IsDefined(message.Role)) throw new ReverieException($"A message has the unknown role {(int)message.Role}.");
        if (message.Parts.Count is 0 or > JournalLimits.Parts) throw new ReverieException($"A message has {message.Parts.Count} parts; it must have 1 to {JournalLimits.Parts}.");
        long length = 0;
        var parts = new MessagePart[message.Parts.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            MessagePart part = message.Parts[i] ?? throw new ReverieException("A part of a message is null.");
            length += part.Text.Length + (long)(part.Name?.Length ?? 0) + (part.CallId?.Length ?? 0);
            if (length > JournalLimits.Text) throw new ReverieException($"A message has more than {JournalLimits.Text} characters. Make it shorter, or several of it.");
            if (part.Spans.Count > JournalLimits.Spans) throw new ReverieException($"A part of a message has {part.Spans.Count} spans; at most {JournalLimits.Spans} are kept.");
            parts[i] = (part with { Text = Text(part.Text, "message"), Name = part.Name is null ? null : Text(part.Name, "name"), CallId = part.CallId is null ? null : Text(part.CallId, "call id") }).Validate();
        }

        if (message.Trace is { } trace && trace.Tokens.Count > JournalLimits.Text) throw new ReverieException($"A reply has {trace.Tokens.Count} tokens; at most {JournalLimits.Text} are kept.");
        if (message.Trace is not null && message.Reply is null) throw new ReverieException("A trace stands where no model is said to have replied. Say which one did.");
        return message with { Parts = parts, Reply = message.Reply is null ? null : Reply(message.Reply) };
    }

    private static ReplyDetails Reply(ReplyDetails reply)
    {
        if (!double.IsFinite(reply.PromptSeconds) || !double.IsFinite(reply.AnswerSeconds)) throw new ReverieException("A reply took a time that is no number.");
        if (reply.Memories?.Count > JournalLimits.Memories) throw new ReverieException($"A reply names {reply.Memories.Count} memories; at most {JournalLimits.Memories} are kept.");
        // In place of an id anything could stand, a copy of what was said too.
        if (reply.Memories?.Any(m => m is null || Id(m) != m) == true) throw new ReverieException("A reply names memories by something else than ids of messages.");
        return reply with
        {
            Model = Text(reply.Model, "model's name"),
            Adapter = reply.Adapter is null ? null : Text(reply.Adapter, "adapter's name"),
            Sampling = Json(reply.Sampling, "sampling options"),
        };
    }

    private static string Title(string title)
    {
        if (title.Length > JournalLimits.Title) throw new ReverieException($"The title has {title.Length} characters; at most {JournalLimits.Title} are kept. Make it shorter.");
        return string.Concat(Text(title, "title").Select(c => char.IsControl(c) ? ' ' : c)).Trim();
    }

    private static string Repaired(string text)
    {
        var repaired = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = Rune.TryGetRuneAt(text, i, out Rune rune);
            repaired.Append(isPair ? rune.ToString() : "\uFFFD");
            if (isPair) i += rune.Utf16SequenceLength - 1;
        }

        return repaired.ToString();
    }
}
