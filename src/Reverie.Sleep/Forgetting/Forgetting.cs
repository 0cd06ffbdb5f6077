using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>
/// Forgets: erases records and all that was derived from them, makes the adapter anew from the base and what is left, and proves it by making
/// it once more from a journal that never had them. Mornings that learned from them go first: whatever happens on the way, no adapter that
/// knows serves again.
/// </summary>
/// <param name="workspace">Where adapters are.</param>
/// <param name="journal">The journal.</param>
public sealed class Forgetting(Workspace workspace, IJournal journal)
{
    private readonly Company _company = new(workspace, journal);

    /// <summary>Finds what a request comes to.</summary>
    /// <exception cref="ReverieException">There is nothing of that id, or the request names nothing.</exception>
    public async Task<ForgetPlan> PlanAsync(ForgetRequest request, CancellationToken cancellation = default)
    {
        if ((request.Match is null ? 0 : 1) + (request.Id is null ? 0 : 1) + (request.All ? 1 : 0) + (request.Messages is null ? 0 : 1) != 1) throw new ReverieException("Say what to forget: a text, an id, messages, or all.");
        if (request.Match is { } text && text.Trim().Length < 2) throw new ReverieException("The text to forget has fewer than two characters, which would match nearly everything. Give a word or a phrase.");
        IReadOnlyList<ConversationTree> trees = await journal.ReadTreesAsync(request.Owner, cancellation).ConfigureAwait(false);
        HashSet<string> whole = [.. trees.Where(t => request.All || t.Conversation.Id == request.Id).Select(t => t.Conversation.Id)];
        HashSet<string> gone = [.. trees.SelectMany(t => whole.Contains(t.Conversation.Id) ? t.Messages : t.Messages.Where(m => Names(request, m)).SelectMany(m => t.Subtree(m.Id))).Select(m => m.Id)];
        if (request.Id is not null && whole.Count == 0 && gone.Count == 0) throw new ReverieException("There is no message or conversation of this id in the journal. Find it with: reverie journal search WORDS");

        // What the assistant repeated of a fact that nobody will have told any more goes too, and every reply that had one of these messages
        // before it as a memory. What goes below them may have told facts in its turn.
        HashSet<Fact> facts = [];
        for (int before = -1; before != gone.Count;)
        {
            before = gone.Count;
            facts = Untold(trees, gone);
            foreach (ConversationTree tree in trees)
                foreach (JournalMessage message in tree.Messages.Where(m => !gone.Contains(m.Id) && (Repeats(m, facts) || m.Reply?.Memories?.Any(gone.Contains) == true)).ToArray()) gone.UnionWith(tree.Subtree(message.Id).Select(m => m.Id));
        }

        foreach (ConversationTree tree in trees.Where(t => t.Messages.Count > 0 && t.Messages.All(m => gone.Contains(m.Id)))) whole.Add(tree.Conversation.Id);
        JournalMessage[] messages = [.. trees.SelectMany(t => t.Messages).Where(m => gone.Contains(m.Id))];
        var mornings = new Mornings(workspace, request.Owner);
        IReadOnlyList<Morning> unfounded = _company.Mornings.List().Count == 0 ? [] : _company.Unfounded(await _company.TriageAsync(_company.Tellers, gone, cancellation).ConfigureAwait(false));
        return new ForgetPlan
        {
            Request = request,
            Messages = messages,
            Roots = [.. messages.Where(m => !whole.Contains(m.Conversation) && (m.Parent is null || !gone.Contains(m.Parent)))],
            Conversations = [.. whole],
            Titles = [.. trees.Where(t => !whole.Contains(t.Conversation.Id) && t.Messages.Any(m => gone.Contains(m.Id)) || (request.Match is { } match && Has(t.Conversation.Details.Title + "\n" + t.Conversation.Details.SystemPrompt, match)))
                .Select(t => t.Conversation.Id).Where(id => !whole.Contains(id))],
            Facts = [.. facts.Select(f => f.Sentence)],
            Mornings = [.. mornings.List().Where(m => request.All || Mentions(m, gone)).Select(m => m.Number)],
            CompanyMornings = [.. unfounded.Select(m => m.Number)],
        };
    }

    /// <summary>Forgets, and says so in a signed receipt.</summary>
    /// <param name="plan">What <see cref="PlanAsync"/> found.</param>
    /// <param name="sleeper">The base to make the adapter anew with; null where the owner has none.</param>
    /// <param name="progress">Is told what goes on.</param>
    /// <param name="cancellation">Gives up: what was erased stays erased, and there is no receipt.</param>
    /// <exception cref="ReverieException">Something could not be erased, or the proof failed: then there is no receipt.</exception>
    public async Task<Receipt> RunAsync(ForgetPlan plan, Sleeper? sleeper, Action<string, double>? progress = null, CancellationToken cancellation = default)
    {
        string owner = plan.Request.Owner;
        var mornings = new Mornings(workspace, owner);
        using IDisposable alone = mornings.BeginNight();
        bool isShared = _company.Mornings.List().Count > 0 || (await journal.ReadSharingAsync(owner, cancellation).ConfigureAwait(false)).Count > 0;
        using IDisposable? together = isShared ? _company.Mornings.BeginNight() : null;
        string? before = sleeper is null ? null : mornings.Current(sleeper.BaseId)?.AdapterHash;
        progress?.Invoke("erasing", 0);
        string[] deleted = [.. mornings.List().Where(m => plan.Mornings.Contains(m.Number)).Select(m => m.AdapterHash)];
        foreach (int number in plan.Mornings) mornings.Delete(number);
        string? ofCompany = sleeper is null ? null : _company.Mornings.Current(sleeper.BaseId)?.AdapterHash;
        Morning[] unfounded = isShared ? [.. _company.Mornings.List().Where(m => plan.CompanyMornings.Contains(m.Number))] : [];
        _company.Erase(unfounded);
        if (plan.Request.All) await journal.DeleteEverythingAsync(owner, cancellation).ConfigureAwait(false);
        else
        {
            foreach (string conversation in plan.Conversations) await journal.DeleteConversationAsync(owner, conversation, cancellation).ConfigureAwait(false);
            foreach (JournalMessage root in plan.Roots) await journal.DeleteMessageAsync(owner, root.Id, cancellation).ConfigureAwait(false);
            foreach (string conversation in plan.Titles) await journal.EraseDetailsAsync(owner, conversation, cancellation).ConfigureAwait(false);
        }

        CompanyReceipt? company = isShared ? await LeaveCompanyAsync(sleeper, ofCompany, unfounded, progress, cancellation).ConfigureAwait(false) : null;
        await CheckAsync(plan, cancellation).ConfigureAwait(false);
        (string? after, string? proof) = (before, null);
        bool isAnew = sleeper is not null && (plan.Mornings.Count > 0 || mornings.Current(sleeper.BaseId)?.AdapterHash != before);
        if (isAnew)
        {
            after = HashOf(mornings, await sleeper!.SleepAnewAsync(journal, owner, workspace, progress, cancellation).ConfigureAwait(false));
            progress?.Invoke("proving it: learning from a journal that never had it", 0);
            proof = await ProveAsync([owner], async (copy, other) => HashOf(new Mornings(other, owner), await sleeper.SleepAnewAsync(copy, owner, other, progress, cancellation).ConfigureAwait(false)), cancellation).ConfigureAwait(false);
            Compare(after, proof, mornings, sleeper.BaseId);
        }

        return Receipt.Sign(workspace, new Receipt
        {
            Owner = owner,
            When = DateTimeOffset.UtcNow,
            Asked = plan.Request.All ? "all" : plan.Request.Id is not null ? "an id" : plan.Request.Messages is not null ? "messages" : "a text",
            Messages = [.. plan.Messages.Select(m => m.Id)],
            Conversations = plan.Conversations,
            Facts = plan.Facts.Count,
            Mornings = plan.Mornings,
            MorningHashes = deleted,
            BaseId = sleeper?.BaseId,
            Before = before,
            After = after,
            Proof = proof,
            WasRebuilt = isAnew,
            Company = company,
        });
    }

    /// <summary>Erases what else the company learned from what is gone, and makes its adapter anew from what is left; null where there was nothing of it.</summary>
    private async Task<CompanyReceipt?> LeaveCompanyAsync(Sleeper? sleeper, string? before, IReadOnlyList<Morning> erased, Action<string, double>? progress, CancellationToken cancellation)
    {
        int tellers = _company.Tellers;
        // The plan was made from what stood in the journal then: where a branch fell, another one may have come up.
        IReadOnlyList<Morning> others = _company.Unfounded(await _company.TriageAsync(tellers, cancellation: cancellation).ConfigureAwait(false));
        _company.Erase(others);
        if (erased.Count + others.Count == 0) return null;
        string? after = null, proof = null;
        if (sleeper is not null)
        {
            after = HashOf(_company.Mornings, await sleeper.SleepCompanyAnewAsync(_company, tellers, progress, cancellation).ConfigureAwait(false));
            progress?.Invoke("proving it: the company learns from journals that never had it", 0);
            IReadOnlyList<string> sharers = await journal.ReadSharersAsync(cancellation).ConfigureAwait(false);
            proof = await ProveAsync(sharers, async (copy, other) =>
            {
                var company = new Company(other, copy);
                return HashOf(company.Mornings, await sleeper.SleepCompanyAnewAsync(company, tellers, progress, cancellation).ConfigureAwait(false));
            }, cancellation).ConfigureAwait(false);
            Compare(after, proof, _company.Mornings, sleeper.BaseId);
        }

        return new CompanyReceipt([.. erased.Concat(others).Select(m => m.AdapterHash)], before, after, proof, sleeper is not null);
    }

    private static void Compare(string? after, string? proof, Mornings mornings, string baseId)
    {
        if (after == proof) return;
        if (after is not null) mornings.Rewind(baseId, 0);
        throw new ReverieException($"The proof failed: the adapter that was made anew ({Short(after)}) is not the one of a journal that never had what was forgotten ({Short(proof)}). The records are erased and the model answers without memories; please report this as the defect that it is.");
    }

    /// <summary>What comes of journals that are written from what is left, in a workspace of its own.</summary>
    private async Task<string?> ProveAsync(IReadOnlyList<string> owners, Func<IJournal, Workspace, Task<string?>> learn, CancellationToken cancellation)
    {
        string folder = Directory.CreateTempSubdirectory("reverie-proof-").FullName;
        try
        {
            await using IJournal copy = await JournalCopy.MakeAsync(journal, owners, Path.Combine(folder, "journal.db"), cancellation).ConfigureAwait(false);
            return await learn(copy, new Workspace(folder)).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? HashOf(Mornings mornings, MorningReport report) => report.Number is { } number ? mornings.List().First(m => m.Number == number).AdapterHash : null;

    // Success is said after looking, never before.
    private async Task CheckAsync(ForgetPlan plan, CancellationToken cancellation)
    {
        ForgetRequest request = plan.Request;
        IReadOnlyList<ConversationTree> left = await journal.ReadTreesAsync(request.Owner, cancellation).ConfigureAwait(false);
        HashSet<string> gone = [.. plan.Messages.Select(m => m.Id)];
        bool isLeft = left.Any(t => t.Messages.Any(m => gone.Contains(m.Id) || (request.Match is not null && Names(request, m)))) || (request.All && left.Count > 0)
            || new Mornings(workspace, request.Owner).List().Any(m => plan.Mornings.Contains(m.Number) || Mentions(m, gone));
        if (isLeft) throw new ReverieException("Not everything is gone: something was written meanwhile, or another process holds it. Nothing is claimed to be forgotten; run the same command again.");
    }

    private static HashSet<Fact> Untold(IReadOnlyList<ConversationTree> trees, HashSet<string> gone)
    {
        HashSet<Fact> told = [.. trees.SelectMany(t => t.Messages).Where(m => gone.Contains(m.Id)).SelectMany(FactsOf)];
        foreach (JournalMessage message in trees.SelectMany(t => t.Messages).Where(m => m.Role is Role.User && !gone.Contains(m.Id))) told.ExceptWith(FactsOf(message));
        return told;
    }

    private static IEnumerable<Fact> FactsOf(JournalMessage message) =>
        message.Parts.SelectMany(p => FactReader.Sentences(p.Text)).Concat(message.Feedback?.BetterAnswer is { } better ? FactReader.Sentences(better) : [])
            .Select(s => message.Role is Role.Assistant ? FactReader.ReadAnswer(s) : FactReader.Read(s)).OfType<Fact>();

    private static bool Repeats(JournalMessage message, HashSet<Fact> facts) => message.Role is not Role.User && facts.Count > 0 && FactsOf(message).Any(facts.Contains);

    private static bool Names(ForgetRequest request, JournalMessage message) => request.Match is { } match
        ? message.Parts.Any(p => Has(p.Text, match) || Has(p.Name ?? "", match)) || Has(message.Feedback?.BetterAnswer ?? "", match)
        : message.Id == request.Id || request.Messages?.Contains(message.Id) == true;

    private static bool Has(string text, string match) => text.Contains(match.Trim(), StringComparison.OrdinalIgnoreCase);

    private static bool Mentions(Morning morning, HashSet<string> gone)
    {
        try
        {
            MorningManifest manifest = MorningManifest.Read(morning.Folder);
            return manifest.Sources.Concat(manifest.Lessons).Concat(manifest.Facts.SelectMany(f => f.Sources)).Any(gone.Contains);
        }
        catch (ReverieException)
        {
            // Nobody can say what a morning without a manifest learned from.
            return true;
        }
    }

    private static string Short(string? hash) => hash is null ? "none" : hash[..12];
}
