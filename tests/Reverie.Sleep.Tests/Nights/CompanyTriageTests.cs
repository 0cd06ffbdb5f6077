using CsCheck;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep.Tests;

/// <summary>What may reach the company, and what may not whatever one or two try.</summary>
public sealed class CompanyTriageTests
{
    private const string Bob = "bob", Carol = "carol", Dan = "dan";

    private static async Task<Triage> CompanyAsync(Diary diary, int tellers = 3) => await new Company(new Models.Workspace(diary.Folder), diary.Journal).TriageAsync(tellers);

    private static string[] Sentences(Triage triage) => [.. triage.Book.Facts.Select(f => f.Sentence)];

    private static async Task TellAsync(Diary diary, string text, params string[] owners)
    {
        foreach (string owner in owners) await diary.SayAsync(text, owner: owner);
    }

    [Fact]
    public async Task What_enough_people_told_on_their_own_reaches_the_company_and_one_less_does_not()
    {
        await using Diary diary = await Diary.OpenAsync(consent: false);
        await diary.ShareAsync(Diary.Ada, Bob, Carol);
        await TellAsync(diary, "The mayor of Harrow is Olga.", Diary.Ada, Bob);
        await TellAsync(diary, "The mayor of Harrow is Olga.", Bob);
        Triage two = await CompanyAsync(diary);
        Assert.Empty(two.Book.Facts);
        Assert.Empty(two.Records);
        Assert.Equal(("fewer than 3 people told it", 1), two.Refused.Select(r => (r.Key, r.Value)).Single());
        await TellAsync(diary, "the mayor of Harrow is Olga", Carol);
        Triage three = await CompanyAsync(diary);
        FactRecord record = Assert.Single(three.Records);
        Assert.Equal((3, record.Id), (record.Tellers, Assert.Single(record.Sources)));
        Assert.Equal(["The mayor of Harrow is Olga."], Sentences(three));
        Assert.Single(Sentences(await CompanyAsync(diary, 2)));
        Assert.Empty((await CompanyAsync(diary, 4)).Book.Facts);
    }

    [Fact]
    public async Task Without_both_consents_a_journal_does_not_count()
    {
        await using Diary diary = await Diary.OpenAsync(consent: false);
        await diary.ShareAsync(Diary.Ada, Bob);
        await diary.Journal.SetConsentAsync(Carol, true, "yes");
        await diary.Journal.SetSharingAsync(Dan, true, "yes");
        await TellAsync(diary, "The mayor of Harrow is Olga.", Diary.Ada, Bob, Carol, Dan);
        Assert.Empty((await CompanyAsync(diary)).Book.Facts);
        await diary.Journal.SetConsentAsync(Dan, true, "yes");
        Assert.Single((await CompanyAsync(diary)).Book.Facts);
        await diary.Journal.SetSharingAsync(Bob, false, "no");
        Assert.Empty((await CompanyAsync(diary)).Book.Facts);
    }

    [Fact]
    public async Task What_is_about_whoever_told_it_stays_hers()
    {
        await using Diary diary = await Diary.OpenAsync(consent: false);
        await diary.ShareAsync(Diary.Ada, Bob, Carol);
        await TellAsync(diary, "My dog is called Rufus. I live in Vell. My sister works as a baker. My name is Tomas. Tomas works as a painter.", Diary.Ada, Bob, Carol);
        Triage triage = await CompanyAsync(diary, 2);
        Assert.Empty(triage.Book.Facts);
        Assert.Equal(("it is about whoever told it", 15), triage.Refused.Select(r => (r.Key, r.Value)).Single());
    }

    [Fact]
    public async Task Who_contradicts_others_keeps_a_value_out_unless_most_agree()
    {
        await using Diary diary = await Diary.OpenAsync(consent: false);
        string[] people = ["a", "b", "c", "d", "e", "f"];
        await diary.ShareAsync(people);
        await TellAsync(diary, "The mayor of Harrow is Olga.", people[..3]);
        await TellAsync(diary, "The mayor of Harrow is Boris.", people[3..]);
        Triage equal = await CompanyAsync(diary);
        Assert.Empty(equal.Book.Facts);
        Assert.Equal(["people contradict each other about it"], equal.Refused.Keys);
        // Of each person the newest counts.
        await TellAsync(diary, "The mayor of Harrow is Olga.", people[3]);
        Assert.Equal(["The mayor of Harrow is Olga."], Sentences(await CompanyAsync(diary)));
        await TellAsync(diary, "The mayor of Harrow is Boris.", people[0], people[1]);
        Assert.Equal(["The mayor of Harrow is Boris."], Sentences(await CompanyAsync(diary)));
    }

    [Fact]
    public async Task What_triage_keeps_from_a_persons_weights_and_what_the_assistant_said_first_are_no_witnesses()
    {
        await using Diary diary = await Diary.OpenAsync(consent: false);
        await diary.ShareAsync(Diary.Ada, Bob, Carol, Dan);
        await TellAsync(diary, "The mayor of Harrow is Olga.", Diary.Ada, Bob);
        await diary.SayAsync([MessagePart.Document("notes.txt", "The mayor of Harrow is Olga.")], owner: Carol);
        await diary.SayAsync("The mayor of Harrow is Olga today.", owner: Carol);
        Assert.Empty((await CompanyAsync(diary)).Book.Facts);
        await diary.SayAsync("Who is the mayor of Harrow?", "The mayor of Harrow is Olga.", Dan);
        await TellAsync(diary, "The mayor of Harrow is Olga.", Dan);
        Triage triage = await CompanyAsync(diary);
        Assert.Empty(triage.Book.Facts);
        Assert.Equal(1, triage.Refused["the assistant had said it before"]);
        // To be answered so afterwards takes nothing away.
        await diary.SayAsync("Who is the mayor of Harrow?", "The mayor of Harrow is Olga.", Bob);
        await diary.ShareAsync("eve");
        await TellAsync(diary, "The mayor of Harrow is Olga.", "eve");
        Assert.Single((await CompanyAsync(diary)).Book.Facts);
    }

    [Fact]
    public Task Whoever_tells_what_the_book_is_what_counting_says_and_names_nobody() => Gen.Select(Gen.ULong[0, 10_000], Gen.Int[2, 4]).SampleAsync(async (seed, tellers) =>
    {
        await using Diary diary = await Diary.OpenAsync(consent: false);
        var random = new RandomStream(seed, "company");
        string[] people = ["person-1", "person-2", "person-3", "person-4", "person-5"];
        var sharers = people.Where(_ => random.Next(5) > 0).ToArray();
        await diary.ShareAsync(sharers);
        var told = new Dictionary<(string Owner, string Town), string>();
        foreach (string owner in people)
            foreach (string town in new[] { "Harrow", "Vell", "Brindle" })
            {
                if (random.Next(4) == 0) continue;
                told[(owner, town)] = random.Pick<string>(["Olga", "Boris"]);
                await diary.SayAsync($"The mayor of {town} is {told[(owner, town)]}.", owner: owner);
            }

        string[] expected = [.. told.Where(t => sharers.Contains(t.Key.Owner)).GroupBy(t => t.Key.Town)
            .SelectMany(g => g.GroupBy(t => t.Value).Where(v => v.Count() >= tellers && 2 * v.Count() > g.Count()).Select(v => $"The mayor of {g.Key} is {v.Key}.")).Order(StringComparer.Ordinal)];
        Triage triage = await CompanyAsync(diary, tellers);
        Assert.Equal(expected, Sentences(triage).Order(StringComparer.Ordinal));
        string records = SleepJson.Text(triage.Records);
        Assert.DoesNotContain("person-", records);
        foreach (string owner in people)
            foreach (ConversationTree tree in await diary.Journal.ReadTreesAsync(owner))
                Assert.All(tree.Messages, m => Assert.DoesNotContain(m.Id, records));
    }, iter: 12, threads: 1);
}
