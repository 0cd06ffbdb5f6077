using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds.Tests;

public class PrimerTests(ITestOutputHelper output)
{
    private const int Many = 2000;

    public static TheoryData<string, Split> Everything()
    {
        var data = new TheoryData<string, Split>();
        foreach (ITaskSet set in All())
        {
            foreach (Split split in Enum.GetValues<Split>()) data.Add(set.Name, split);
        }

        return data;
    }

    public static TheoryData<string> Skills() => [.. Primer.Corpora.Select(corpus => corpus.Name)];

    [Theory]
    [MemberData(nameof(Everything))]
    public void Gold_scores_full_marks_and_the_lazy_and_the_wrong_score_none(string name, Split split)
    {
        ITaskSet set = Find(name);
        foreach (Question task in set.Tasks(split, 3).Take(250).Cast<Question>())
        {
            string asked = task.Prompt[^1].Content;
            string context = asked + " | " + task.Gold;
            Assert.True(task.Score(task.Gold) == 1, "gold: " + context);
            Assert.True(task.Score("  " + task.Gold + "\n") == 1, "gold with space: " + context);
            Assert.True(task.Score("") == 0, "empty: " + context);
            Assert.True(task.Score(asked) == 0, "the question again: " + context);
            Assert.True(task.Score("<think>" + task.Gold.Replace("</think>", "")) == 0, "never stops thinking: " + context);
            Assert.True(task.Score("I am a wooden teapot.") == 0, "wrong: " + context);
            Assert.True(task.Score(string.Concat(Enumerable.Repeat(task.Gold + " ", 200))) == 0, "endless: " + context);
            Assert.True(task.Score(string.Join(' ', Words(task))) == 0, "all words at once: " + context);
            if (!task.Gold.Contains("don't know")) Assert.True(task.Score("I don't know.") == 0, "gives up: " + context);
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Tasks_follow_from_the_seed(string name, Split split)
    {
        ITaskSet set = Find(name);
        string[] once = [.. set.Tasks(split, 5).Take(50).Select(Key)], again = [.. set.Tasks(split, 5).Take(50).Select(Key)], other = [.. set.Tasks(split, 6).Take(50).Select(Key)];
        Assert.Equal(once, again);
        Assert.NotEqual(once, other);
    }

    [Theory]
    [MemberData(nameof(Skills))]
    public void Documents_follow_from_the_seed_and_are_short(string name)
    {
        ICorpus corpus = Primer.Corpora.First(corpus => corpus.Name == name);
        foreach (Split split in Enum.GetValues<Split>())
        {
            string[] once = [.. corpus.Documents(split, 5).Take(300).Select(Flat)];
            Assert.Equal(once, corpus.Documents(split, 5).Take(300).Select(Flat));
            Assert.NotEqual(once, corpus.Documents(split, 6).Take(300).Select(Flat));
            Assert.All(corpus.Documents(split, 5).Take(300), document => Assert.Equal(name, document.Source));
            // Some talks are as long as a context, so that a name is kept over that distance.
            Assert.All(once, text => Assert.InRange(text.Length, 5, name == "conversation" ? 1800 : 1300));
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void No_examined_prompt_appears_in_training(string name, Split split)
    {
        if (split == Split.Train) return;
        HashSet<string> trained = [.. Find(name).Tasks(Split.Train, 1).Take(10000).Select(Key)];
        foreach (ICorpus corpus in Primer.Corpora)
        {
            foreach (Document document in corpus.Documents(Split.Train, 2).Take(Many).Where(document => document.Messages is not null)) trained.UnionWith(document.Messages!.Where(message => message.Role == Role.User).Select(message => message.Content));
        }

        foreach (TaskItem task in Find(name).Tasks(split, 1).Take(1000)) Assert.DoesNotContain(Key(task), trained);
    }

    [Fact]
    public void No_two_entities_share_a_value_so_that_questions_can_go_backwards()
    {
        foreach (var group in EncyclopediaWorld.Facts.GroupBy(fact => (fact.Kind.Name, fact.Attribute.Name)))
            Assert.Equal(group.Count(), group.Select(fact => fact.Value).Distinct().Count());
        Assert.All(EncyclopediaWorld.Facts.Where(fact => fact.Attribute.Name == "mayor"), fact => Assert.Equal(fact.Entity, EncyclopediaWorld.Of(fact.Value, "town").Value));
    }

    [Theory]
    [MemberData(nameof(StoryPlots))]
    public void A_story_that_loses_its_hero_helper_or_goal_is_not_consistent(string plot)
    {
        var random = new RandomStream(1, "stories");
        for (int i = 0; i < 600; i++)
        {
            StoryCast cast = Stories.Cast(Split.Train, random);
            if (cast.Plot.Name != plot) continue;
            string story = Stories.Tell(cast, random);
            StoryOutline? outline = StoryOutline.Read(story);
            Assert.True(outline is { IsConsistent: true } && outline.Hero == cast.Hero && outline.Helper == cast.Helper && outline.Kind == cast.Kind && outline.Goal == cast.Goal, story);
            Assert.False(Consistent(Change(story, cast.Hero, "Agatha")), "hero: " + story);
            Assert.False(Consistent(Change(story, cast.Hero, cast.Hero == "Lily" ? "Mia" : "Lily")), "another hero: " + story);
            Assert.False(Consistent(story.Replace(cast.Helper, cast.Hero)), "one name for two: " + story);
            Assert.False(Consistent(Change(story, cast.Key, "teapot")), "goal: " + story);
            Assert.False(Consistent(story[..(story.Length / 2)]), "half: " + story);
            Assert.False(Consistent(story[..^1]), "no end: " + story);
        }

        static bool Consistent(string story) => StoryOutline.Read(story) is { IsConsistent: true };

        static string Change(string story, string from, string to)
        {
            int middle = story.Length / 2;
            return story[..middle] + story[middle..].Replace(from, to);
        }
    }

    public static TheoryData<string> StoryPlots() => [.. StoryPlot.All.Select(plot => plot.Name)];

    [Fact]
    public void Mixtures_add_up_and_name_every_corpus()
    {
        foreach (PrimerMixture mixture in new[] { PrimerMixture.Pretrain, PrimerMixture.Midtrain, PrimerMixture.FineTune })
        {
            Assert.Equal(1, mixture.Shares.Values.Sum(), 9);
            Assert.Equal(Primer.Corpora.Select(corpus => corpus.Name).Order(), mixture.Shares.Keys.Order());
        }
    }

    [Fact]
    public void The_language_is_small()
    {
        HashSet<string> words = [];
        foreach (ICorpus corpus in Primer.Corpora)
        {
            HashSet<string> mine = [];
            foreach (Document document in corpus.Documents(Split.Train, 1).Take(Many)) mine.UnionWith(Flat(document).Split([' ', '\n', '.', ',', '!', '?', '"', ':', ';', '<', '>', '/'], StringSplitOptions.RemoveEmptyEntries).Where(word => word.All(char.IsAsciiLetterLower)));
            output.WriteLine($"{corpus.Name}: {mine.Count} words");
            // These speak of things with invented names, and spell invented words.
            if (corpus.Name is not ("encyclopedia" or "told" or "spelling")) words.UnionWith(mine);
        }

        output.WriteLine($"{words.Count} words, {Encyclopedia.Count} facts");
        Assert.InRange(words.Count, 600, 2500);
    }

    private static IEnumerable<ITaskSet> All() => Primer.TaskSets.Concat(Primer.Exams.Where(exam => Primer.TaskSets.All(set => set.Name != exam.Name)));

    private static ITaskSet Find(string name) => All().First(set => set.Name == name);

    private static string Key(TaskItem task) => task.Prompt.Count == 1 ? task.Prompt[0].Content : string.Join('\n', task.Prompt.Select(message => message.Content));

    internal static string Flat(Document document) =>
        document.Text ?? string.Join('\n', document.Messages!.Select(message => (message.Role == Role.User ? "> " : "< ") + message.Content));

    private static IEnumerable<string> Words(Question task) => task.Prompt.Select(message => message.Content).Append("yes no one two three four five six red blue green 1 2 3 4 5 cat dog");
}
