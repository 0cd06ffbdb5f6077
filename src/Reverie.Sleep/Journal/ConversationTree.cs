namespace Reverie.Sleep;

/// <summary>A conversation with all its branches.</summary>
public sealed class ConversationTree
{
    private readonly Dictionary<string, JournalMessage> _byId;
    private readonly ILookup<string, JournalMessage> _children;

    /// <summary>Joins a conversation and its messages.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="messages">Its messages in the order in which they came.</param>
    public ConversationTree(Conversation conversation, IReadOnlyList<JournalMessage> messages)
    {
        Conversation = conversation;
        Messages = messages;
        _byId = messages.ToDictionary(m => m.Id);
        _children = messages.ToLookup(m => m.Parent ?? "");
    }

    /// <summary>The conversation.</summary>
    public Conversation Conversation { get; }

    /// <summary>All messages of all branches in the order in which they came, parents before children.</summary>
    public IReadOnlyList<JournalMessage> Messages { get; }

    /// <summary>The message with an id; null where there is none.</summary>
    public JournalMessage? Find(string? id) => id is not null && _byId.TryGetValue(id, out JournalMessage? message) ? message : null;

    /// <summary>The messages that follow one, oldest first; for null those that begin a branch.</summary>
    public IReadOnlyList<JournalMessage> Children(string? parent) => [.. _children[parent ?? ""]];

    /// <summary>The versions of a message, itself included, oldest first: edits of a question, other replies to it.</summary>
    public IReadOnlyList<JournalMessage> Siblings(JournalMessage message) => Children(message.Parent);

    /// <summary>The messages from the first to this one; empty for null.</summary>
    public IReadOnlyList<JournalMessage> Path(string? leaf)
    {
        var path = new List<JournalMessage>();
        for (JournalMessage? message = Find(leaf); message is not null; message = Find(message.Parent)) path.Add(message);
        path.Reverse();
        return path;
    }

    /// <summary>The branch that is shown: from the first message to <see cref="Conversation.ActiveLeaf"/>.</summary>
    public IReadOnlyList<JournalMessage> ActivePath => Path(Conversation.ActiveLeaf);

    /// <summary>Where one arrives who goes on from a message, always with the newest child.</summary>
    public JournalMessage NewestLeaf(JournalMessage message)
    {
        while (_children[message.Id].LastOrDefault() is { } child) message = child;
        return message;
    }

    /// <summary>A message and everything below it.</summary>
    public IReadOnlyList<JournalMessage> Subtree(string id)
    {
        var found = new List<JournalMessage>();
        if (Find(id) is { } root) found.Add(root);
        for (int i = 0; i < found.Count; i++) found.AddRange(_children[found[i].Id]);
        return found;
    }
}
