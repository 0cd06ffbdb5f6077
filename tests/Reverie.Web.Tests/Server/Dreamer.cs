using Reverie.Models;
using Reverie.Serving;
using Reverie.Sleep;

namespace Reverie.Web.Tests;

/// <summary>A model that learns in no time what it is told to learn: its mornings are real, their weights are random.</summary>
internal sealed class Dreamer(Workspace workspace, IJournal journal) : ISleepingModel
{
    public string? BaseId { get; } = Save(workspace);

    /// <summary>What the next night finds.</summary>
    public List<FactRecord> Facts { get; } = [];

    /// <summary>Keeps nights from ending.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>A fact that a user typed.</summary>
    public static async Task<FactRecord> TellAsync(IJournal journal, string relation, string value, string sentence, FactState state, string why)
    {
        Conversation conversation = await journal.CreateConversationAsync(PageOptions.LocalUser, new ConversationDetails { Title = "About me" });
        JournalMessage message = await journal.AppendAsync(PageOptions.LocalUser, conversation.Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed(sentence)] });
        return new FactRecord { Subject = "I", Relation = relation, Value = value, State = state, Why = why, Sources = [message.Id], Told = message.Created };
    }

    public async Task<MorningReport> SleepAsync(string owner, Action<string, double> progress, CancellationToken cancellation)
    {
        progress("studying 1 new fact", 0.5);
        await Gate.WaitAsync(cancellation);
        var mornings = new Mornings(workspace, owner);
        (int number, string folder) = mornings.Next();
        FactRecord[] facts = [.. Facts.Select(f => f.State is FactState.Weights ? f with { Learned = f.Learned ?? number } : f)];
        var report = new MorningReport
        {
            Owner = owner,
            Model = "small",
            Outcome = NightOutcome.Promoted,
            Number = number,
            Began = DateTimeOffset.UtcNow,
            Learned = [.. facts.Where(f => f.Learned == number)],
            NotLearned = [.. facts.Where(f => f.State is not FactState.Weights)],
        };
        using Transformer transformer = SmallModels.Transformer(SmallModels.Config(context: 512));
        using Adapter adapter = SmallModels.Adapter(transformer, rank: 1, seed: (ulong)number);
        adapter.Save(folder, SmallModels.Lineage(owner) with { Parent = BaseId }, "small", (temporary, lineage) =>
        {
            SleepJson.Write(Path.Combine(temporary, MorningReport.FileName), report);
            SleepJson.Write(Path.Combine(temporary, MorningManifest.FileName), new MorningManifest
            {
                Owner = owner,
                Model = "small",
                BaseId = BaseId!,
                NightsSinceRebuild = 0,
                Seed = 0,
                StudyHash = lineage.Id,
                AdapterHash = lineage.Id,
                JournalSequence = 0,
                Facts = facts,
                Lessons = [],
                Sources = [.. facts.SelectMany(f => f.Sources)],
                Options = new NightOptions(),
            });
        });
        mornings.Promote(number);
        return report;
    }

    public Task<MorningReport> SleepCompanyAsync(Action<string, double> progress, CancellationToken cancellation) => SleepAsync(PersonalAdapters.Company, progress, cancellation);

    public Task<Receipt> ForgetAsync(ForgetPlan plan, Action<string, double> progress, CancellationToken cancellation) => new Forgetting(workspace, journal).RunAsync(plan, null, progress, cancellation);

    private static string Save(Workspace workspace)
    {
        using Transformer transformer = SmallModels.Transformer(SmallModels.Config(context: 512));
        (string version, string folder) = workspace.NextVersion("small");
        return Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage("small", version)).Id;
    }
}
