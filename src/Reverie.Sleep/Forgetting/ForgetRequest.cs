namespace Reverie.Sleep;

/// <summary>What is to be forgotten: one of the four.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="Match">Every message with this text in it, whoever wrote it; case does not matter.</param>
/// <param name="Id">A message or a conversation.</param>
/// <param name="All">Everything.</param>
/// <param name="Messages">Ids of messages, such as all that say a fact; those that are gone already are left out.</param>
public sealed record ForgetRequest(string Owner, string? Match = null, string? Id = null, bool All = false, IReadOnlyList<string>? Messages = null);

/// <summary>What a request comes to, before anything is done.</summary>
public sealed record ForgetPlan
{
    /// <summary>The request.</summary>
    public required ForgetRequest Request { get; init; }

    /// <summary>Messages that are erased with everything below them, by conversation.</summary>
    public required IReadOnlyList<JournalMessage> Roots { get; init; }

    /// <summary>All messages that go, those below the roots included.</summary>
    public required IReadOnlyList<JournalMessage> Messages { get; init; }

    /// <summary>Conversations that go whole: nothing of them is left, or they were asked for.</summary>
    public required IReadOnlyList<string> Conversations { get; init; }

    /// <summary>Conversations whose titles repeat what is forgotten.</summary>
    public required IReadOnlyList<string> Titles { get; init; }

    /// <summary>Sentences of facts that nobody will have told any more.</summary>
    public required IReadOnlyList<string> Facts { get; init; }

    /// <summary>Numbers of the mornings that learned from them or name them.</summary>
    public required IReadOnlyList<int> Mornings { get; init; }

    /// <summary>Numbers of the company's mornings that rest on them: too few persons will have told what these learned.</summary>
    public required IReadOnlyList<int> CompanyMornings { get; init; }

    /// <summary>Whether an adapter has to be made anew.</summary>
    public bool NeedsModel => Mornings.Count > 0 || CompanyMornings.Count > 0;

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Messages.Count == 0 && Conversations.Count == 0 && Mornings.Count == 0 && !Request.All;
}
