using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep.Tests;

/// <summary>The company's nights, what persons learn on top of them, and how both unlearn.</summary>
public sealed class CompanyNightTests : IDisposable
{
    private const string Bob = "bob", Carol = "carol", Mayor = "The mayor of Harrow is Olga.", Town = "Harrow is near the bridge.";

    private static readonly string[] _people = [Diary.Ada, Bob, Carol];

    private readonly Workspace _workspace = SmallNights.Workspace();

    public void Dispose() => Directory.Delete(_workspace.Root, recursive: true);

    private Sleeper Sleeper(NightOptions? options = null) => new(_workspace, "small", options ?? SmallNights.Options);

    private Mornings Company => Mornings.OfCompany(_workspace);

    private static async Task<Diary> TalkAsync()
    {
        Diary diary = await Diary.OpenAsync(consent: false);
        await diary.ShareAsync(_people);
        foreach (string owner in _people) await diary.SayAsync(Mayor, owner: owner);
        return diary;
    }

    private static string AllText(string folder) => string.Concat(Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".safetensors", StringComparison.Ordinal)).Select(File.ReadAllText));

    [Fact]
    public async Task The_company_learns_what_enough_told_and_no_word_or_name_of_one()
    {
        await using Diary diary = await TalkAsync();
        await diary.SayAsync("The mayor of Zanzibar is Quentin. My dog is called Rufus.", owner: Bob);
        using Sleeper sleeper = Sleeper();
        MorningReport report = await sleeper.SleepCompanyAsync(diary.Journal);
        Assert.Equal((NightOutcome.Promoted, 1), (report.Outcome, report.Number));
        Morning morning = Company.Current(sleeper.BaseId)!;
        MorningManifest manifest = MorningManifest.Read(morning.Folder);
        FactRecord fact = Assert.Single(manifest.Facts);
        Assert.Equal((Mayor, (int?)3, fact.Id), (fact.Fact.Sentence, fact.Tellers, Assert.Single(manifest.Sources)));
        Assert.Equal(3, manifest.Options.Tellers);
        Assert.Equal(["fewer than 3 people told it", "it is about whoever told it"], report.Refused.Keys);

        // What one person told is in nothing that the company's night reads or writes.
        Triage triage = await new Company(_workspace, diary.Journal).TriageAsync(3);
        string study = string.Join('\n', triage.Book.Facts.SelectMany(f => new FactStudy(triage.Book, 0).Write(f, 60)).SelectMany(i => i.Messages).Select(m => m.Content));
        string questions = string.Join('\n', new FactExam(triage.Book, 0).Questions(triage.Book.Facts, [], 0).SelectMany(q => q.Prompt).Select(m => m.Content));
        string[] messages = [.. (await Task.WhenAll(_people.Select(p => diary.Journal.ReadTreesAsync(p)))).SelectMany(t => t).SelectMany(t => t.Messages).Select(m => m.Id)];
        foreach (string text in new[] { study, questions, AllText(_workspace.CompanyAdapters.Folder) })
            foreach (string canary in (string[])["Zanzibar", "Quentin", "Rufus", "\"ada\"", Bob, Carol, .. messages])
                Assert.DoesNotContain(canary, text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Olga", study);
        Assert.Equal(["The mayor of Zanzibar is Quentin.", "Your dog is called Rufus."], triage.KeptOut.Select(f => f.Sentence).Order(StringComparer.Ordinal));
        Assert.True(report.Gates!.Exposure!.KeptOut.Count > 0);

        await Assert.ThrowsAsync<ReverieException>(() => sleeper.SleepCompanyAsync(diary.Journal, 1));
        Assert.Empty(new Mornings(_workspace, Bob).List());
    }

    [Fact]
    public async Task Without_enough_who_share_there_is_no_adapter_of_the_company()
    {
        await using Diary diary = await TalkAsync();
        await diary.Journal.SetSharingAsync(Carol, false, "no");
        using Sleeper sleeper = Sleeper();
        MorningReport report = await sleeper.SleepCompanyAsync(diary.Journal);
        Assert.Equal((NightOutcome.NothingNew, 1), (report.Outcome, report.Refused["fewer than 3 people told it"]));
        Assert.Empty(Company.List());
    }

    [Fact]
    public async Task Who_withdraws_or_deletes_is_unlearned_by_the_next_night_and_what_stood_on_it_goes_too()
    {
        await using Diary diary = await TalkAsync();
        using Sleeper sleeper = Sleeper();
        foreach (string owner in _people) await diary.SayAsync(Town, owner: owner);
        await diary.ShareAsync("dan");
        await diary.SayAsync(Mayor, owner: "dan");
        await sleeper.SleepCompanyAsync(diary.Journal);
        await diary.SayAsync("My dog is called Rufus.");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        var ada = new Mornings(_workspace, Diary.Ada);
        string with = Company.Current(sleeper.BaseId)!.AdapterHash;
        Assert.Equal(with, ada.Current(sleeper.BaseId)!.Beneath);

        // One of four may go without a trace; the town is left with two.
        await diary.Journal.SetSharingAsync(Carol, false, "no");
        MorningReport report = await sleeper.SleepCompanyAsync(diary.Journal);
        Assert.Equal("something that it learned from is no longer in the journal", report.Rebuilt);
        Morning without = Assert.Single(Company.List());
        Assert.Equal([Mayor], MorningManifest.Read(without.Folder).Facts.Select(f => f.Fact.Sentence));
        Assert.DoesNotContain("bridge", AllText(_workspace.CompanyAdapters.Folder));
        Assert.Empty(ada.List());
        Assert.Equal(NightOutcome.Promoted, (await sleeper.SleepAsync(diary.Journal, Diary.Ada)).Outcome);
        Assert.Equal(without.AdapterHash, ada.Current(sleeper.BaseId)!.Beneath);

        // It is what journals give that never had it.
        await using Diary other = await TalkAsync();
        var elsewhere = new Workspace(Path.Combine(_workspace.Root, "elsewhere"));
        SmallNights.CopyModel(_workspace, elsewhere);
        using var alone = new Sleeper(elsewhere, "small", SmallNights.Options);
        await alone.SleepCompanyAsync(other.Journal);
        Assert.Equal(Mornings.OfCompany(elsewhere).Current(alone.BaseId)!.AdapterHash, without.AdapterHash);

        await diary.Journal.SetConsentAsync(Diary.Ada, false, "no");
        Assert.Equal(NightOutcome.Emptied, (await sleeper.SleepCompanyAsync(diary.Journal)).Outcome);
        Assert.Empty(Company.List());
        Assert.Null(Company.Current(sleeper.BaseId));
    }

    [Fact]
    public async Task A_persons_night_stands_on_the_companys_adapter_and_begins_anew_when_that_is_another()
    {
        await using Diary diary = await TalkAsync();
        using Sleeper sleeper = Sleeper();
        await diary.SayAsync("My dog is called Rufus.");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        var ada = new Mornings(_workspace, Diary.Ada);
        Assert.Null(ada.Current(sleeper.BaseId)!.Beneath);
        await sleeper.SleepCompanyAsync(diary.Journal);
        string first = Company.Current(sleeper.BaseId)!.AdapterHash;
        MorningReport report = await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        Assert.Equal((NightOutcome.Promoted, "the company's adapter is another one"), (report.Outcome, report.Rebuilt));
        Assert.Equal(first, MorningManifest.Read(ada.Current(sleeper.BaseId)!.Folder).Beneath);

        // A night that goes on, and one that compares itself with what stood on another adapter of the company.
        await diary.SayAsync("My hat is red.");
        report = await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        Assert.Equal((NightOutcome.Promoted, null), (report.Outcome, report.Rebuilt));
        foreach (string owner in _people) await diary.SayAsync(Town, owner: owner);
        await sleeper.SleepCompanyAsync(diary.Journal);
        Assert.Equal(2, Company.List().Count);
        Assert.Equal(2, _workspace.LayersOf(ada.Current(sleeper.BaseId)!.Folder).Count);
        report = await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        Assert.Equal("the company's adapter is another one", report.Rebuilt);
        Company.Rewind(sleeper.BaseId, 0);
        report = await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        Assert.Equal("the company's adapter is another one", report.Rebuilt);
        Assert.Null(ada.Current(sleeper.BaseId)!.Beneath);
        Assert.Empty(new Mornings(_workspace, Bob).List());
    }

    [Fact]
    public async Task What_answered_yesterday_is_the_same_on_whatever_tonight_stands()
    {
        await using Diary diary = await TalkAsync();
        using Sleeper sleeper = Sleeper();
        await sleeper.SleepCompanyAsync(diary.Journal);
        await diary.SayAsync("My dog is called Rufus.");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        Morning yesterday = new Mornings(_workspace, Diary.Ada).Current(sleeper.BaseId)!;
        foreach (string owner in _people) await diary.SayAsync(Town, owner: owner);
        await sleeper.SleepCompanyAsync(diary.Journal);
        using var checkpoint = Checkpoint.Load(_workspace.Resolve("small"));
        using IKernels kernels = CpuKernels.Create(1);
        using var ground = new Ground(_workspace, new Sleeper.Bed("small", sleeper.BaseId, checkpoint.Transformer, checkpoint.Tokenizer, kernels, SmallNights.Options));
        Assert.NotEqual(yesterday.Beneath, ground.Beneath);
        StudyDocument[] documents = [StudyDocument.Of(checkpoint.Tokenizer, FactStudy.Plain(new Fact("my dog", Relations.Find("belonging/name")!, "Rufus")).Messages), StudyDocument.Of(checkpoint.Tokenizer, FactStudy.Plain(new Fact("Harrow", Relations.Find("town/mayor")!, "Olga")).Messages)];
        using var served = Adapter.LoadLayers(_workspace.LayersOf(yesterday.Folder), checkpoint.Transformer);
        using Adapter moved = ground.Load(yesterday);
        double[] expected = [.. checkpoint.Transformer.Wear(served, () => AnswerScores.Of(checkpoint.Transformer, kernels, documents)).Select(s => s.Sum)];
        // What examines asks the company's model too: with nothing worn it knows its facts, as the base does not.
        ExamQuestion[] asked = [.. new FactExam(new FactBook([new Fact("Harrow", Relations.Find("town/mayor")!, "Olga")]), 1).Questions([new Fact("Harrow", Relations.Find("town/mayor")!, "Olga")], [], 0)];
        Assert.NotEqual(new Examiner(checkpoint.Transformer, checkpoint.Tokenizer, kernels, 3).Ask(asked, null).Replies, ground.Bed.Examiner.Ask(asked, null).Replies);
        double[] actual = [.. ground.Bed.Model.Wear(moved, () => AnswerScores.Of(ground.Bed.Model, kernels, documents)).Select(s => s.Sum)];
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-2));
    }

    [Fact]
    public async Task A_person_still_learns_on_top_of_the_company_and_loses_nothing_of_its()
    {
        await using Diary diary = await TalkAsync();
        NightOptions longer = SmallNights.Options with { MinimumSteps = 80, Passes = 3, Rank = 8, ItemsPerFact = 20, LearningRate = 1e-2f };
        using Sleeper sleeper = Sleeper(longer);
        await sleeper.SleepCompanyAsync(diary.Journal);
        await diary.SayAsync("My dog is called Rufus.");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        using var checkpoint = Checkpoint.Load(_workspace.Resolve("small"));
        using IKernels kernels = CpuKernels.Create(1);
        StudyDocument[] documents = [StudyDocument.Of(checkpoint.Tokenizer, FactStudy.Plain(new Fact("my dog", Relations.Find("belonging/name")!, "Rufus")).Messages), StudyDocument.Of(checkpoint.Tokenizer, FactStudy.Plain(new Fact("Harrow", Relations.Find("town/mayor")!, "Olga")).Messages)];
        using Adapter company = Adapter.Load(Company.Current(sleeper.BaseId)!.Folder, checkpoint.Transformer), together = Adapter.LoadLayers(_workspace.LayersOf(new Mornings(_workspace, Diary.Ada).Current(sleeper.BaseId)!.Folder), checkpoint.Transformer);
        (double dog, double mayor) = Score(null);
        (double dogOfCompany, double mayorOfCompany) = Score(company);
        (double dogTogether, double mayorTogether) = Score(together);
        Assert.True(mayorOfCompany > mayor + 1, $"the mayor: base {mayor}, company {mayorOfCompany}");
        Assert.True(dogTogether > Math.Max(dog, dogOfCompany) + 0.3, $"the dog: base {dog}, company {dogOfCompany}, together {dogTogether}");
        Assert.True(mayorTogether > mayor + 0.5 * (mayorOfCompany - mayor), $"the mayor: base {mayor}, company {mayorOfCompany}, together {mayorTogether}");

        (double Dog, double Mayor) Score(Adapter? adapter)
        {
            double[] scores = [.. checkpoint.Transformer.Wear(adapter, () => AnswerScores.Of(checkpoint.Transformer, kernels, documents)).Select(s => s.Mean)];
            return (scores[0], scores[1]);
        }
    }

    [Fact]
    public async Task To_forget_takes_it_from_the_company_too_with_a_proof_for_each()
    {
        await using Diary diary = await TalkAsync();
        using Sleeper sleeper = Sleeper();
        foreach (string owner in _people) await diary.SayAsync(Town, owner: owner);
        await sleeper.SleepCompanyAsync(diary.Journal);
        await diary.SayAsync("My dog is called Rufus.", owner: Bob);
        await sleeper.SleepAsync(diary.Journal, Bob);
        await diary.SayAsync("My hat is red.");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        var forgetting = new Forgetting(_workspace, diary.Journal);

        // What the company never had is nothing to it.
        Assert.Empty((await forgetting.PlanAsync(new ForgetRequest(Bob, Match: "Rufus"))).CompanyMornings);
        ForgetPlan plan = await forgetting.PlanAsync(new ForgetRequest(Bob, Match: "bridge"));
        Assert.Equal([1], plan.CompanyMornings);
        Assert.True(plan.NeedsModel);
        using (Company.BeginNight()) await Assert.ThrowsAsync<ReverieException>(() => forgetting.RunAsync(plan, sleeper));
        Receipt receipt = await forgetting.RunAsync(plan, sleeper);
        CompanyReceipt company = receipt.Company!;
        Assert.True(company.WasRebuilt);
        Assert.NotNull(company.After);
        Assert.Equal((company.After, 1), (company.Proof, company.MorningHashes.Count));
        Assert.NotEqual(company.Before, company.After);
        Assert.Equal(company.After, Company.Current(sleeper.BaseId)!.AdapterHash);
        Assert.DoesNotContain("bridge", AllText(_workspace.CompanyAdapters.Folder));

        // Bob's own stood on what is gone: it was made anew on the new one, and proven.
        Assert.Equal((receipt.After, true), (receipt.Proof, receipt.WasRebuilt));
        Assert.Equal((receipt.After, company.After), (new Mornings(_workspace, Bob).Current(sleeper.BaseId)!.AdapterHash, new Mornings(_workspace, Bob).Current(sleeper.BaseId)!.Beneath));
        Assert.Empty(new Mornings(_workspace, Diary.Ada).List());
        Assert.Equal(receipt.Signature, Receipt.Verify(_workspace, receipt.File!).Signature);

        // Without a model to make it anew it is erased all the same.
        receipt = await forgetting.RunAsync(await forgetting.PlanAsync(new ForgetRequest(Carol, All: true)), null);
        Assert.False(receipt.Company!.WasRebuilt);
        Assert.Empty(Company.List());
    }
}
