using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

/// <summary>Whole nights and forgetting with a small model of random weights. Its gates let everything pass: what is tested is what nights are made of, not what such a model learns.</summary>
public sealed class SleeperTests : IDisposable
{
    private static readonly NightOptions Options = SmallNights.Options;

    private readonly Workspace _workspace = SmallNights.Workspace();

    public void Dispose() => Directory.Delete(_workspace.Root, recursive: true);

    [Fact]
    public async Task A_night_makes_a_morning_that_says_what_it_was_made_from_and_the_next_goes_on_from_it()
    {
        await using Diary diary = await Diary.OpenAsync();
        using var sleeper = new Sleeper(_workspace, "small", Options);
        JournalMessage said = await diary.SayAsync("My dog is called Rufus.");
        MorningReport first = await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        Assert.Equal(NightOutcome.Promoted, first.Outcome);
        Morning morning = new Mornings(_workspace, Diary.Ada).Current(sleeper.BaseId)!;
        Assert.Equal(first.Number, morning.Number);
        MorningManifest manifest = MorningManifest.Read(morning.Folder);
        Assert.Equal((morning.AdapterHash, (int?)null, 0), (manifest.AdapterHash, manifest.Parent, manifest.NightsSinceRebuild));
        Assert.Equal([said.Id], manifest.Sources);
        Assert.Equal(first.Verdict, morning.ReadVerdict());

        Assert.Equal(NightOutcome.NoConsent, (await sleeper.SleepAsync(diary.Journal, "nobody")).Outcome);
        await diary.SayAsync("I live in Vell.");
        MorningReport second = await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        MorningManifest next = MorningManifest.Read(new Mornings(_workspace, Diary.Ada).Current(sleeper.BaseId)!.Folder);
        Assert.Equal((second.Number, first.Number, 1), (new Mornings(_workspace, Diary.Ada).Current(sleeper.BaseId)!.Number, next.Parent, next.NightsSinceRebuild));
        Assert.NotEqual(manifest.AdapterHash, next.AdapterHash);
    }

    [Fact]
    public async Task Nights_are_the_same_bits_with_one_thread_and_two()
    {
        string[] hashes = new string[2];
        for (int threads = 1; threads <= 2; threads++)
        {
            await using Diary diary = await Diary.OpenAsync();
            await diary.SayAsync("My dog is called Rufus. I live in Vell.");
            var other = new Workspace(Path.Combine(_workspace.Root, $"threads-{threads}"));
            SmallNights.CopyModel(_workspace, other);
            using var sleeper = new Sleeper(other, "small", Options with { Threads = threads });
            await sleeper.SleepAsync(diary.Journal, Diary.Ada);
            hashes[threads - 1] = new Mornings(other, Diary.Ada).Current(sleeper.BaseId)!.AdapterHash;
        }

        Assert.Equal(hashes[0], hashes[1]);
    }

    [Fact]
    public async Task Without_consent_nothing_is_learned_and_withdrawing_it_takes_the_morning_off()
    {
        await using Diary diary = await Diary.OpenAsync(consent: false);
        await diary.SayAsync("My dog is called Rufus.");
        using var sleeper = new Sleeper(_workspace, "small", Options);
        Assert.Equal(NightOutcome.NoConsent, (await sleeper.SleepAsync(diary.Journal, Diary.Ada)).Outcome);
        Assert.Empty(new Mornings(_workspace, Diary.Ada).List());
        await diary.Journal.SetConsentAsync(Diary.Ada, true, "yes");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        Assert.NotNull(new Mornings(_workspace, Diary.Ada).Current(sleeper.BaseId));
        await diary.Journal.SetConsentAsync(Diary.Ada, false, "no");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        Assert.Null(new Mornings(_workspace, Diary.Ada).Current(sleeper.BaseId));
    }

    [Fact]
    public async Task Gates_that_do_not_agree_leave_yesterday_in_place()
    {
        await using Diary diary = await Diary.OpenAsync();
        await diary.SayAsync("My dog is called Rufus. I live in Vell.");
        using var sleeper = new Sleeper(_workspace, "small", Options with { Gates = Options.Gates with { Recall = 2 } });
        MorningReport report = await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        Assert.Equal(NightOutcome.Refused, report.Outcome);
        Assert.All(report.Attempts, a => Assert.False(a.IsPassed));
        Assert.Contains(report.Attempts, a => a.What.Contains("strength"));
        Assert.Contains(report.Attempts, a => a.What.Contains("1 of the new facts"));
        Assert.Empty(new Mornings(_workspace, Diary.Ada).List());
    }

    [Fact]
    public async Task What_is_forgotten_is_gone_everywhere_and_the_adapter_is_that_of_a_journal_that_never_had_it()
    {
        await using Diary diary = await Diary.OpenAsync();
        using var sleeper = new Sleeper(_workspace, "small", Options);
        await diary.SayAsync("I live in Vell.");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        await diary.SayAsync("My dog is called Rufus. My hat is red.");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        await diary.SayAsync("What is my dog called?", "Your dog is called Rufus.");
        await diary.SayAsync("My sister works as a baker.");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        Assert.Equal(3, new Mornings(_workspace, Diary.Ada).List().Count);

        var forgetting = new Forgetting(_workspace, diary.Journal);
        ForgetPlan plan = await forgetting.PlanAsync(new ForgetRequest(Diary.Ada, Match: "rufus"));
        Assert.Equal([2, 3], plan.Mornings.Order());
        Assert.Contains("Your dog is called Rufus.", plan.Facts);
        Receipt receipt = await forgetting.RunAsync(plan, sleeper);
        Assert.True(receipt.WasRebuilt);
        Assert.NotNull(receipt.After);
        Assert.Equal(receipt.After, receipt.Proof);
        Assert.Equal(receipt.After, new Mornings(_workspace, Diary.Ada).Current(sleeper.BaseId)!.AdapterHash);

        // A journal that was never told of the dog.
        await using Diary other = await Diary.OpenAsync();
        await other.SayAsync("I live in Vell.");
        await other.SayAsync("My sister works as a baker.");
        var elsewhere = new Workspace(Path.Combine(_workspace.Root, "elsewhere"));
        SmallNights.CopyModel(_workspace, elsewhere);
        using var alone = new Sleeper(elsewhere, "small", Options);
        await alone.SleepAsync(other.Journal, Diary.Ada);
        Assert.Equal(receipt.After, new Mornings(elsewhere, Diary.Ada).Current(alone.BaseId)!.AdapterHash);

        Assert.Equal(receipt.Signature, Receipt.Verify(_workspace, receipt.File!).Signature);
        File.WriteAllText(receipt.File!, File.ReadAllText(receipt.File!).Replace("\"facts\": 2", "\"facts\": 3"));
        Assert.Throws<ReverieException>(() => Receipt.Verify(_workspace, receipt.File!));
        foreach (string file in Directory.GetFiles(_workspace.Root, "*", SearchOption.AllDirectories).Concat(Directory.GetFiles(diary.Folder)))
            Assert.False(File.ReadAllBytes(file).AsSpan().IndexOf("Rufus"u8) >= 0 && !file.Contains("models"), file);
    }

    [Fact]
    public async Task A_night_and_a_forgetting_do_not_run_beside_each_other()
    {
        await using Diary diary = await Diary.OpenAsync();
        await diary.SayAsync("My dog is called Rufus.");
        using var sleeper = new Sleeper(_workspace, "small", Options);
        var forgetting = new Forgetting(_workspace, diary.Journal);
        ForgetPlan plan = await forgetting.PlanAsync(new ForgetRequest(Diary.Ada, All: true));
        using (new Mornings(_workspace, Diary.Ada).BeginNight())
        {
            await Assert.ThrowsAsync<ReverieException>(() => sleeper.SleepAsync(diary.Journal, Diary.Ada));
            await Assert.ThrowsAsync<ReverieException>(() => forgetting.RunAsync(plan, sleeper));
        }

        Assert.Single(await diary.Journal.ReadTreesAsync(Diary.Ada));
        Assert.Equal(NightOutcome.Promoted, (await sleeper.SleepAsync(diary.Journal, Diary.Ada)).Outcome);
    }

    [Fact]
    public async Task Forgetting_everything_leaves_the_base_alone()
    {
        await using Diary diary = await Diary.OpenAsync();
        using var sleeper = new Sleeper(_workspace, "small", Options);
        await diary.SayAsync("My dog is called Rufus.");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        var forgetting = new Forgetting(_workspace, diary.Journal);
        Receipt receipt = await forgetting.RunAsync(await forgetting.PlanAsync(new ForgetRequest(Diary.Ada, All: true)), sleeper);
        Assert.Null(receipt.After);
        Assert.Empty(new Mornings(_workspace, Diary.Ada).List());
        Assert.Empty(await diary.Journal.ReadTreesAsync(Diary.Ada));
    }

    [Fact]
    public async Task A_message_that_is_deleted_in_the_journal_is_unlearned_by_the_next_night()
    {
        await using Diary diary = await Diary.OpenAsync();
        using var sleeper = new Sleeper(_workspace, "small", Options);
        await diary.SayAsync("I live in Vell.");
        JournalMessage dog = await diary.SayAsync("My dog is called Rufus.");
        await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        await diary.Journal.DeleteMessageAsync(Diary.Ada, dog.Id);
        MorningReport report = await sleeper.SleepAsync(diary.Journal, Diary.Ada);
        Assert.Equal("something that it learned from is no longer in the journal", report.Rebuilt);
        Assert.DoesNotContain(MorningManifest.Read(new Mornings(_workspace, Diary.Ada).Current(sleeper.BaseId)!.Folder).Facts, f => f.Value == "Rufus");
    }
}
