using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Talk: greetings, feelings, small instructions, and remembering what the visitor said (the name, favourite things) across other
/// turns. Held out are names that training never shows, and new wordings; out of distribution are double names and longer gaps.
/// </summary>
public sealed class Conversations : PrimerSkill
{
    private static readonly Wordings Introduce = new(
        ["My name is {n}.", "I am {n}.", "I'm {n}.", "Hello, I am {n}.", "Hi, my name is {n}.", "Hi, I'm {n}.", "You can call me {n}.", "Call me {n}.", "Hello! My name is {n}.", "my name's {n}", "{n}", "I am called {n}.", "It's {n}."],
        ["Hello there, my name is {n}.", "Hi! I am {n}.", "Hello, you can call me {n}.", "Good morning, I am {n}."]);

    private static readonly string[] Welcomes =
        ["Nice to meet you, {n}!", "Hello, {n}! Nice to meet you.", "Hi {n}! How are you?", "Welcome, {n}! What shall we do?", "Hello, {n}! That is a nice name."];

    private static readonly Wordings AskName = new(
        ["What is my name?", "What's my name?", "Do you know my name?", "Who am I?", "Do you remember my name?", "Can you say my name?", "What was my name?", "Tell me my name.", "What am I called?"],
        ["Do you still know my name?", "Can you tell me my name?", "Do you remember what my name is?", "Say my name."]);

    private static readonly string[] Things = ["colour", "animal", "food"];

    private static readonly Wordings TellLiking = new(
        ["My favourite {t} is {v}.", "I like {v} best.", "My favourite {t}? It is {v}.", "I love {v}."],
        ["You know, my favourite {t} is {v}.", "Of all things I like {v} best."]);

    private static readonly string[] LikingReplies = ["{v}! How nice.", "I like {v} too.", "Oh, {v}! I will remember that.", "Good to know. You like {v}."];

    private static readonly Wordings AskLiking = new(
        ["What is my favourite {t}?", "Do you remember my favourite {t}?", "Which {t} do I like best?", "Do you know my favourite {t}?"],
        ["Can you tell me my favourite {t}?", "Do you still know my favourite {t}?"]);

    private static readonly string[] NotTold = ["I don't know your name yet. What is your name?", "You have not told me your name yet."];

    // One talk in so many is long; characters after which a talk ends.
    private const int LongTalks = 3, ShortTalk = 500, LongTalk = 1100;

    private static readonly PrimerSkill[] Others = [new Arithmetic(), new Encyclopedia(), new Spelling(), new Patterns()];

    /// <inheritdoc/>
    public override string Name => "conversation";

    /// <inheritdoc/>
    internal override Question Ask(Split split, RandomStream random) => random.Next(10) switch
    {
        < 3 => RememberName(split, random, random.Next(3) + (split == Split.OutOfDistribution ? 3 : 0)),
        3 => RememberLiking(split, random),
        4 => AskUntold(split, random),
        5 or 6 => Follow(split, random),
        _ => Chatter(split, random),
    };

    /// <inheritdoc/>
    private protected override Document Write(Split split, RandomStream random)
    {
        List<Message> talk = [];
        string? name = null;
        // A name is lost over a distance that was never read: some talks are as long as a context.
        bool isLong = random.Next(LongTalks) == 0;
        int turns = isLong ? random.Next(4, 9) : random.Next(1, 5), introduced = random.Next(4) == 0 ? -1 : random.Next(2), asked = random.Next(1, turns + 2);
        if (random.Next(3) == 0)
        {
            Say(talk, random, SmallTalk.Greeting.Said.Pick(split, random), random.Pick(SmallTalk.Greeting.Replies));
            if (talk[^1].Content.EndsWith("your name?", StringComparison.Ordinal)) introduced = 0;
            else if (random.Next(2) == 0) Continue(talk, random, split);
        }

        for (int turn = 0; turn < turns; turn++)
        {
            if (turn == introduced)
            {
                name = Names.Visitor(split, random);
                Say(talk, random, Fill(Introduce, split, random, ("n", name)), Welcome(name, random));
            }
            else if (turn == asked) Say(talk, random, AskName.Pick(split, random), name is null ? random.Pick(NotTold) : Recall(name));
            else if (random.Next(8) == 0) Add(talk, random, RememberLiking(split, random));
            else Add(talk, random, isLong && random.Next(6) == 0 ? Stories.Request(split, random) : Filler(split, random));
            if (random.Next(3) > 0) Continue(talk, random, split);
            if (talk.Sum(message => message.Content.Length) <= (isLong ? LongTalk : ShortTalk)) continue;
            if (asked > turn) asked = turns;
            break;
        }

        if (name is not null && asked >= turns) Say(talk, random, AskName.Pick(split, random), Recall(name));
        if (random.Next(6) == 0) Say(talk, random, SmallTalk.Thanks.Said.Pick(split, random), Personal(random.Pick(SmallTalk.Thanks.Replies), name, random));
        if (random.Next(5) == 0) Say(talk, random, SmallTalk.Farewell.Said.Pick(split, random), Personal(random.Pick(SmallTalk.Farewell.Replies), name, random));
        return new Document(Name, talk);
    }

    // When the last reply ended with a question, the visitor answers it.
    private static void Continue(List<Message> talk, RandomStream random, Split split)
    {
        if (talk.Count == 0) return;
        string reply = talk[^1].Content;
        foreach ((string[] questions, string[] answers, string[] replies) in SmallTalk.Exchanges)
        {
            if (!questions.Any(question => reply.EndsWith(question, StringComparison.Ordinal))) continue;
            int chosen = random.Next(answers.Length);
            string said = answers[chosen], next = replies[chosen % replies.Length];
            Say(talk, random, said, next == SmallTalk.TellStory ? Stories.Tell(Stories.Cast(split, random), random) : next);
            return;
        }
    }

    /// <summary>The visitor says the name, <paramref name="between"/> other turns pass, then the visitor asks for it.</summary>
    internal static Question RememberName(Split split, RandomStream random, int between)
    {
        string name = Names.Visitor(split, random);
        List<Message> talk = [];
        Say(talk, null, Fill(Introduce, split, random, ("n", name)), Welcome(name, random));
        for (int i = 0; i < between; i++) Add(talk, null, Filler(split, random));
        talk.Add(new Message(Role.User, AskName.Pick(split, random)));
        string gold = Recall(name);
        return new(talk, gold, reply => !Reply.IsFarTooLong(reply, gold) && SaysOnlyName(Reply.Answer(reply), name) ? 1 : 0);
    }

    private static Question RememberLiking(Split split, RandomStream random)
    {
        string thing = random.Pick(Things);
        string[] values = thing == "colour" ? Words.Colours : thing == "animal" ? Words.Animals : Words.Foods;
        string value = random.Pick(values);
        string told = Fill(TellLiking, split, random, ("t", thing), ("v", thing == "animal" ? $"the {value}" : value));
        List<Message> talk = [];
        Say(talk, null, told, Composition.Fill(random.Pick(LikingReplies), ("v", thing == "animal" ? $"the {value}" : value)));
        for (int i = random.Next(2); i > 0; i--) Add(talk, null, Filler(split, random));
        talk.Add(new Message(Role.User, Fill(AskLiking, split, random, ("t", thing))));
        string verb = thing == "food" && value[^1] == 's' ? "are" : "is";
        string gold = $"Your favourite {thing} {(thing == "food" ? "is" : verb)} {(thing == "animal" ? "the " : "")}{value}.";
        return new(talk, gold, reply => !Reply.IsFarTooLong(reply, gold) && Reply.Says(Reply.Answer(reply), value, values.Where(other => other != value)) ? 1 : 0);
    }

    private static Question AskUntold(Split split, RandomStream random)
    {
        List<Message> talk = [];
        if (random.Next(2) == 0) Add(talk, null, Filler(split, random));
        talk.Add(new Message(Role.User, AskName.Pick(split, random)));
        string gold = random.Pick(NotTold);
        return new(talk, gold, reply => NotTold.Any(known => Reply.Same(Reply.Answer(reply), known)) ? 1 : 0);
    }

    private static Question Follow(Split split, RandomStream random)
    {
        (string request, string gold, Func<string, bool> isRight) = Instructions.Draw(split, random);
        return Task(request, gold, isRight);
    }

    private static Question Chatter(Split split, RandomStream random)
    {
        if (random.Next(10) == 0) return AcceptOffer(split, random);
        if (random.Next(8) == 0) return OneOf(SmallTalk.AskJoke.Pick(split, random), SmallTalk.Jokes, random);
        if (random.Next(8) == 0)
        {
            (string riddle, string answer) = random.Pick(SmallTalk.Riddles);
            return OneOf(SmallTalk.AskRiddle.Pick(split, random), [$"{riddle} {Composition.Capital(answer == "age" ? "your age" : Composition.WithArticle(answer))}."], random);
        }

        if (random.Next(4) == 0)
        {
            (string remark, string[] answers) = Remarks.Draw(split, random);
            return OneOf(remark, answers, random);
        }

        Topic topic = random.Pick(SmallTalk.Topics);
        return OneOf(topic.Said.Pick(split, random), topic.Replies, random);
    }

    // "Shall I tell you a story?" "Yes, please."
    private static Question AcceptOffer(Split split, RandomStream random)
    {
        (_, string[] answers, string[] replies) = SmallTalk.Exchanges[0];
        Topic topic = random.Pick(SmallTalk.Topics.Where(topic => topic.Replies.Any(SmallTalk.OffersStory)).ToArray());
        List<Message> talk = [];
        Say(talk, null, topic.Said.Pick(split, random), topic.Replies.First(SmallTalk.OffersStory));
        int chosen = random.Next(answers.Length);
        Question task = replies[chosen] == SmallTalk.TellStory
            ? Task(answers[chosen], Stories.Tell(Stories.Cast(split, random), random), answer => StoryOutline.Read(answer) is { IsConsistent: true })
            : Task(answers[chosen], replies[chosen], answer => Reply.Same(answer, replies[chosen]));
        return new Question([.. talk, .. task.Prompt], task.Gold, task.Score);
    }

    // Any of the known good replies will do.
    private static Question OneOf(string said, string[] replies, RandomStream random) =>
        Task(said, random.Pick(replies), answer => replies.Any(reply => Reply.Same(answer, reply)));

    /// <summary>A turn of another skill, an instruction or small talk.</summary>
    internal static Question Filler(Split split, RandomStream random) => random.Next(10) switch
    {
        < 3 => random.Pick(Others).Ask(split, random),
        < 6 => Follow(split, random),
        _ => Chatter(split, random),
    };

    /// <summary>What is said to one who has told a name.</summary>
    internal static string Welcome(string name, RandomStream random) => Composition.Fill(random.Pick(Welcomes), ("n", name));

    private static string Recall(string name) => $"Your name is {name}.";

    private static string Personal(string reply, string? name, RandomStream random)
    {
        if (name is null || random.Next(3) == 0) return reply;
        int end = reply.IndexOfAny(['!', '.']);
        return $"{reply[..end]}, {name}{reply[end..]}";
    }

    private static bool SaysOnlyName(string answer, string name)
    {
        string text = answer.Trim().TrimEnd('.', '!');
        return text == name || ((text.StartsWith("Your name is ", StringComparison.Ordinal) || text.StartsWith("You are ", StringComparison.Ordinal)) && text.EndsWith(" " + name, StringComparison.Ordinal)
            && text.Split(' ').Length <= 3 + name.Split(' ').Length);
    }

    // A null stream leaves the visitor's words as in a book; examinations are set that way.
    private static void Say(List<Message> talk, RandomStream? random, string user, string assistant)
    {
        talk.Add(new Message(Role.User, random is null ? user : Typing.AsTyped(user, random)));
        talk.Add(new Message(Role.Assistant, assistant));
    }

    private static void Add(List<Message> talk, RandomStream? random, Question task)
    {
        foreach (Message message in task.Prompt)
            talk.Add(message.Role == Role.User && random is not null ? message with { Content = Typing.AsTyped(message.Content, random) } : message);
        talk.Add(new Message(Role.Assistant, task.Gold));
    }

    private static string Fill(Wordings wordings, Split split, RandomStream random, params ReadOnlySpan<(string, string)> slots)
    {
        string template = wordings.Pick(split, random);
        return Composition.Fill(template, slots);
    }
}
