using System.Text.Json;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>The file of an export.</summary>
internal sealed record ConversationFile(string Format, int Version, DateTimeOffset Exported, IReadOnlyList<ConversationFile.Entry> Conversations)
{
    public const string FormatName = "reverie-conversations";

    // 2 has the memories of a reply.
    public const int CurrentVersion = 2;

    /// <summary>A conversation; messages in the order in which they came, parents before children.</summary>
    public sealed record Entry(ConversationDetails Details, DateTimeOffset Created, IReadOnlyList<Node> Messages, string? ActiveLeaf = null);

    /// <summary>A message; ids mean something within the file only.</summary>
    public sealed record Node(string Id, Role Role, DateTimeOffset Created, IReadOnlyList<MessagePart> Parts, string? Parent = null,
        ReplyDetails? Reply = null, byte[]? Trace = null, IReadOnlyList<Opinion>? Feedback = null);

    /// <summary>Feedback, oldest first.</summary>
    public sealed record Opinion(bool IsGood, DateTimeOffset Given, string? BetterAnswer = null);

    /// <summary>Reads a file that may come from anyone.</summary>
    /// <exception cref="ReverieException">It is no such file, newer than this program, or contradicts itself.</exception>
    public static async Task<ConversationFile> ReadAsync(Stream input, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        byte[] block = new byte[1 << 16];
        for (int read; (read = await input.ReadAsync(block, cancellation).ConfigureAwait(false)) > 0;)
        {
            if (buffer.Length + read > JournalLimits.ImportBytes) throw new ReverieException($"The file has more than {JournalLimits.ImportBytes >> 20} MB. Import it in smaller pieces.");
            buffer.Write(block, 0, read);
        }

        ReadOnlyMemory<byte> bytes = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        try
        {
            CheckHead(bytes.Span);
            ConversationFile file = JsonSerializer.Deserialize<ConversationFile>(bytes.Span, JournalJson.Options) ?? throw new JsonException();
            foreach (Entry entry in file.Conversations) Check(entry ?? throw new ReverieException("A conversation of the file is null."));
            return file;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new ReverieException($"The file is no export of Reverie's conversations, or it is damaged{(e is JsonException { LineNumber: { } line, Path: { } path } ? $" (line {line + 1}, {Printable(path)})" : "")}. Write one with: reverie journal export FILE.", e);
        }
    }

    private static void CheckHead(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        bool isOurs = false;
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == "format") isOurs = reader.TokenType is JsonTokenType.String && reader.GetString() == FormatName;
            else if (name == "version" && isOurs && reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out int version))
            {
                if (version > CurrentVersion) throw new ReverieException($"The file has version {version} of the format; this program reads up to {CurrentVersion}. Use a newer Reverie.");
                if (version >= 1) return;
            }
            else reader.Skip();
        }

        throw new JsonException();
    }

    private static void Check(Entry entry)
    {
        if (entry.Messages.Count > JournalLimits.Messages) throw new ReverieException($"A conversation of the file has {entry.Messages.Count} messages; at most {JournalLimits.Messages} are kept.");
        var ids = new HashSet<string>();
        foreach (Node? node in entry.Messages)
        {
            if (node is null) throw new ReverieException("A message of the file is null.");
            // A parent that comes first also rules out circles.
            if (node.Parent is not null && !ids.Contains(node.Parent)) throw new ReverieException($"A message of the file follows \"{Printable(node.Parent)}\", which does not stand before it.");
            if (!ids.Add(node.Id)) throw new ReverieException($"Two messages of the file have the id \"{Printable(node.Id)}\".");
            if (node.Feedback?.Any(f => f is null) == true) throw new ReverieException("Feedback in the file is null.");
        }

        if (entry.ActiveLeaf is not null && !ids.Contains(entry.ActiveLeaf)) throw new ReverieException($"A conversation of the file stands at the message \"{Printable(entry.ActiveLeaf)}\", which is not there.");
    }

    private static string Printable(string text) => string.Concat(text.Take(60).Select(c => c is >= ' ' and < '\x7f' ? c : '?'));
}
