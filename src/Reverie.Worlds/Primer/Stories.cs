using System.Text;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Little stories with a hero, a wish, trouble, a helper and an ending, in the spirit of TinyStories (2305.07759) but from a
/// grammar narrow enough for a few million tokens. Held out are one in eight combinations of hero and goal, and new wordings of
/// the request; out of distribution are heroes that no story has.
/// </summary>
public sealed class Stories : PrimerSkill
{
    private static readonly string[] Heroes =
        [.. Words.Animals, "dragon", "robot", "girl", "boy", "giant", "fairy", "princess", "knight", "pirate", "wizard", "unicorn", "monster"];

    private static readonly string[] StrangeHeroes = ["elephant", "monkey", "camel", "parrot", "tiger", "zebra"];
    private static readonly string[] Manners = ["", "", "little", "little", "brave", "small", "shy", "clever", "kind", "young", "funny", "sleepy", "hungry", "lonely"];
    private static readonly string[] HelperManners = ["", "old", "old", "kind", "wise", "friendly", "young", "big", "cheerful"];
    private static readonly string[] Relatives = ["mother", "father", "sister", "brother", "grandmother", "grandfather"];

    private static readonly string[] Homes =
    [
        "in a big forest", "by the river", "near the sea", "on a green hill", "in a small village", "at the edge of a meadow", "under an old oak tree", "by a quiet lake",
        "in a garden", "on a farm", "high in the mountains", "in a deep valley", "behind a mill", "in a warm cave", "next to a stone bridge", "at the end of the road",
    ];

    private static readonly string[] Openings =
    [
        "Once there was {aK} named {H} who lived {home}.", "Once upon a time {aK} named {H} lived {home}.", "{home} there lived {aK} named {H}.",
        "A long time ago {aK} named {H} lived {home}.", "This is the story of {aK} named {H} who lived {home}.",
    ];

    private static readonly string[] Wishes = ["{H} wanted {goal}.", "More than anything {H} wanted {goal}.", "One morning {H} woke up and wanted {goal}.", "One day {H} wanted {goal}."];

    private static readonly string[] Feelings =
        ["{H} felt sad.", "{H} felt very small.", "Tears came into {his} eyes.", "{H} did not know what to do.", "{H} sat down under a tree.", "{H} was tired and sad."];

    private static readonly Wordings Plain = new(
        ["Tell me a story.", "Can you tell me a story?", "Please tell me a story.", "I want to hear a story.", "A story, please.", "Do you know a story?", "Another story, please.", "Tell me another story.", "story", "Tell me a short story.", "Tell me a bedtime story.", "I want a story."],
        ["Could you tell a story?", "I would like a story."]);

    private static readonly Wordings About = new(
        ["Tell me a story about {it}.", "Tell me a story about {it}.", "Can you tell me a story about {it}?", "Please tell me a story about {it}.", "I want to hear a story about {it}.", "A story about {it}, please.", "Do you know a story about {it}?"],
        ["Could you tell a story about {it}?", "I would like a story about {it}.", "Please tell a story about {it}."]);

    private static readonly HashSet<string> AllNames = [.. Names.She, .. Names.He];

    /// <inheritdoc/>
    public override string Name => "stories";

    /// <inheritdoc/>
    private protected override Document Write(Split split, RandomStream random)
    {
        if (random.Next(2) == 0) return new Document(Name, Tell(Cast(split, random), random));
        StoryCast cast = Cast(split, random);
        Question task = Request(split, random, ref cast);
        List<Message> talk = [new(Role.User, Typing.AsTyped(task.Prompt[0].Content, random)), new(Role.Assistant, task.Gold)];
        for (int questions = random.Next(3); questions > 0; questions--)
        {
            (string question, string gold, _) = StoryQuestions.Draw(cast, split, random);
            talk.Add(new Message(Role.User, Typing.AsTyped(question, random)));
            talk.Add(new Message(Role.Assistant, gold));
        }

        return new Document(Name, talk);
    }

    /// <inheritdoc/>
    internal override Question Ask(Split split, RandomStream random)
    {
        StoryCast cast = Cast(split, random);
        Question request = Request(split, random, ref cast);
        if (random.Next(4) > 0) return request;
        (string question, string gold, Func<string, bool> isRight) = StoryQuestions.Draw(cast, split, random);
        return new Question([.. request.Prompt, new(Role.Assistant, request.Gold), new(Role.User, question)], gold, Task(question, gold, isRight).Score);
    }

    /// <summary>A request for a story; the reply must be a story that obeys it and keeps hero, helper and goal.</summary>
    internal static Question Request(Split split, RandomStream random)
    {
        StoryCast cast = Cast(split, random);
        return Request(split, random, ref cast);
    }

    private static Question Request(Split split, RandomStream random, ref StoryCast cast)
    {
        // Some visitors want to be the hero.
        int wish = random.Next(10);
        string visitor = Names.Visitor(split == Split.OutOfDistribution ? Split.HeldOut : split, random);
        if (wish == 3 && random.Next(2) == 0 && visitor != cast.Helper) cast = cast with { Hero = visitor };
        StoryCast asked = cast;
        string hero = Composition.WithArticle(asked.Manner.Length == 0 ? asked.Kind : $"{asked.Manner} {asked.Kind}");
        Func<StoryOutline, bool> obeys = told => told.Kind == asked.Kind;
        string request;
        switch (wish)
        {
            case 0:
                request = Plain.Pick(split, random);
                obeys = told => true;
                break;
            case 1 or 2:
                request = Composition.Fill(About.Pick(split, random), ("it", hero));
                break;
            case 3:
                request = Composition.Fill(About.Pick(split, random), ("it", $"{hero} named {asked.Hero}"));
                obeys = told => told.Kind == asked.Kind && told.Hero == asked.Hero;
                break;
            case 4:
                request = Composition.Fill(About.Pick(split, random), ("it", $"{hero} and {Composition.WithArticle(asked.HelperKind)}"));
                obeys = told => told.Kind == asked.Kind && told.HelperKind == asked.HelperKind;
                break;
            case 5:
                request = Composition.Fill(About.Pick(split, random), ("it", Many(asked.Kind)));
                break;
            case 6 when asked.Plot.Name is "lost" or "wish" or "mend" or "gift" or "build" or "grow":
                request = Composition.Fill(About.Pick(split, random), ("it", Composition.WithArticle(asked.Key)));
                obeys = told => Reply.HasWords(told.Goal, asked.Key);
                break;
            default:
                string goal = asked.Goal.StartsWith("to have ", StringComparison.Ordinal) ? asked.Goal["to have ".Length..] : asked.Goal;
                request = Composition.Fill(About.Pick(split, random), ("it", $"{hero} who wants {goal}"));
                obeys = told => told.Kind == asked.Kind && told.Goal == asked.Goal;
                break;
        }

        return Task(request, Tell(asked, random), answer => StoryOutline.Read(answer) is { IsConsistent: true } told && obeys(told));
    }

    /// <summary>Chooses who and what the story is about, within the split.</summary>
    internal static StoryCast Cast(Split split, RandomStream random)
    {
        while (true)
        {
            string kind = random.Pick(split == Split.OutOfDistribution ? StrangeHeroes : Heroes);
            StoryPlot plot = random.Pick(StoryPlot.All);
            string key = random.Pick(plot.Keys);
            if (key[0] == '*') key = $"{random.Pick(Words.Colours)} {key[1..]}";
            if (split != Split.OutOfDistribution && !Composition.Fits($"{kind}/{plot.Name}/{key}", split, 8)) continue;
            bool she = IsShe(kind, random), helperShe = random.Next(2) == 0;
            string hero = Names.Hero(she, random), helper = Names.Helper(helperShe, random), helperKind = random.Pick(Words.Animals);
            if (helperKind == kind) continue;
            string relative = random.Pick(Relatives);
            string goal = Composition.Fill(plot.Goal.Replace("a {key}", "{akey}"), ("key", key), ("akey", Composition.WithArticle(key)), ("his", she ? "her" : "his"), ("rel", relative));
            goal = char.ToLowerInvariant(goal[0]) + goal[1..];
            return new(plot, kind, random.Pick(Manners), hero, she, helperKind, random.Pick(HelperManners), helper, helperShe, key, goal, relative);
        }
    }

    private static string Many(string kind) => kind switch
    {
        "mouse" => "mice",
        "goose" => "geese",
        "wolf" => "wolves",
        "deer" or "sheep" => kind,
        "fox" => "foxes",
        "fairy" => "fairies",
        "princess" => "princesses",
        _ => kind + "s",
    };

    private static bool IsShe(string kind, RandomStream random) => kind switch
    {
        "girl" or "princess" or "fairy" or "hen" or "cow" => true,
        "boy" or "knight" or "wizard" => false,
        _ => random.Next(2) == 0,
    };

    /// <summary>Tells the story.</summary>
    internal static string Tell(StoryCast cast, RandomStream random)
    {
        StoryPlot plot = cast.Plot;
        var story = new StringBuilder(640);
        story.Append(random.Pick(Openings)).Append(' ').Append(random.Pick(Wishes)).Append(' ').Append(random.Pick(plot.Trouble)).Append(' ');
        if (random.Next(2) == 0 && plot.Name is not "share") story.Append(random.Pick(Feelings)).Append(' ');
        story.Append(random.Pick(plot.Meeting)).Append(' ').Append(random.Pick(plot.Talk)).Append(' ').Append(random.Pick(plot.Help)).Append(' ');
        story.Append(random.Pick(plot.Result)).Append(' ').Append(random.Pick(plot.Ending));
        if (random.Next(2) == 0) story.Append(' ').Append(random.Pick(plot.Moral));
        string his = cast.IsShe ? "her" : "his", h = cast.IsShe ? "she" : "he";
        return Composition.Fill(
            story.ToString(), ("H", cast.Hero), ("h", h), ("his", his), ("His", his), ("him", cast.IsShe ? "her" : "him"), ("P", cast.Helper), ("key", cast.Key),
            ("aK", Composition.WithArticle(cast.Manner.Length == 0 ? cast.Kind : $"{cast.Manner} {cast.Kind}")), ("goal", cast.Goal), ("home", random.Pick(Homes)),
            ("aP", Composition.WithArticle(cast.HelperManner.Length == 0 ? cast.HelperKind : $"{cast.HelperManner} {cast.HelperKind}")), ("rel", cast.Relative));
    }

    /// <summary>Whether the word is the name of a character of some story.</summary>
    internal static bool IsName(string word) => AllNames.Contains(word);

    /// <summary>The kinds of character that a text names.</summary>
    internal static IEnumerable<string> KindsIn(string text) => Heroes.Concat(StrangeHeroes).Where(kind => Reply.HasWords(text, kind));

    /// <summary>Whether the word is a kind of character.</summary>
    internal static bool IsKind(string word) => Array.IndexOf(Heroes, word) >= 0 || Array.IndexOf(StrangeHeroes, word) >= 0;
}

/// <summary>Who and what a story is about.</summary>
internal sealed record StoryCast(
    StoryPlot Plot, string Kind, string Manner, string Hero, bool IsShe, string HelperKind, string HelperManner, string Helper, bool HelperIsShe, string Key, string Goal, string Relative);
