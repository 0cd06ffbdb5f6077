using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// What visitors tell of themselves, of family, belongings and the world, and what they ask of it later: the same facts (<see cref="Relations"/>)
/// that a night's study is about, here read from the conversation. Several of them in the first message are what retrieval puts before
/// a conversation. A later value replaces an earlier one, and what nobody told is not known. Held out are wordings and names; out of
/// distribution are more facts and longer gaps.
/// </summary>
public sealed class Told : PrimerSkill
{
    /// <inheritdoc/>
    public override string Name => "told";

    /// <inheritdoc/>
    internal override Question Ask(Split split, RandomStream random)
    {
        var talk = new Telling(split, random, isTyped: false);
        talk.Begin();
        for (int between = random.Next(3) + (split == Split.OutOfDistribution ? 3 : 0); between > 0; between--) talk.Pass();
        return talk.Ask();
    }

    /// <inheritdoc/>
    private protected override Document Write(Split split, RandomStream random)
    {
        var talk = new Telling(split, random, isTyped: true);
        // Mostly all that was told is asked for at once: every answer is then one of copied words, and a model learns to look before it learns to doubt.
        if (random.Next(4) > 0)
        {
            talk.Tell(1 + random.Next(4));
            talk.AnswerAll();
            return new Document(Name, talk.Messages);
        }

        talk.Begin();
        for (int questions = 1 + random.Next(4); questions > 0; questions--)
        {
            if (random.Next(5) == 0) talk.Pass();
            if (random.Next(6) == 0) talk.TellMore();
            talk.Answer(talk.Ask());
        }

        return new Document(Name, talk.Messages);
    }

    /// <summary>A conversation under way, and what holds of all that was told in it.</summary>
    private sealed class Telling(Split split, RandomStream random, bool isTyped)
    {
        private const string Promise = "I will remember that.";
        private const int LongTalk = 650, LongAnswer = 130;

        private readonly List<Fact> _facts = [];

        // Every name and value is another one, so that a question from the value to the subject has one answer.
        private readonly HashSet<string> _said = new(StringComparer.OrdinalIgnoreCase);

        // The value that was replaced last belongs to it.
        private Fact? _changed;

        public List<Message> Messages { get; } = [];

        /// <summary>The visitor tells some facts, or none; one may change, and other things may be talked about between them.</summary>
        public void Begin()
        {
            if (random.Next(14) == 0) return;
            Tell(split == Split.OutOfDistribution ? 5 + random.Next(3) : 1 + random.Next(4), passes: true, changes: random.Next(5) == 0);
        }

        /// <summary>The visitor tells facts: all at once, or one after another.</summary>
        public void Tell(int count, bool passes = false, bool changes = false)
        {
            List<Fact> facts = [];
            while (facts.Count < count) facts.Add(Draw(facts));
            if (changes)
            {
                int at = random.Next(count);
                facts.Insert(random.Next(at + 1, count + 1), Otherwise(facts[at]));
            }

            if (random.Next(2) == 0)
            {
                foreach (Fact fact in facts) Hold(fact);
                Say(string.Join(' ', facts.Select(State)), Acknowledge(_facts));
                return;
            }

            foreach (Fact fact in facts)
            {
                Hold(fact);
                Say(State(fact), Acknowledge([fact]));
                if (passes && random.Next(6) == 0) Pass();
            }
        }

        /// <summary>A new fact, or another value of an old one.</summary>
        public void TellMore()
        {
            Fact fact = _facts.Count > 0 && random.Next(2) == 0 ? Otherwise(random.Pick(_facts)) : Draw(_facts);
            Hold(fact);
            Say(State(fact), Acknowledge([fact]));
        }

        /// <summary>A turn about something else.</summary>
        public void Pass()
        {
            if (Messages.Sum(m => m.Content.Length) > LongTalk) return;
            while (true)
            {
                Question task = Conversations.Filler(split, random);
                string said = task.Prompt[0].Content;
                // A baker who says so in passing has told something.
                if (task.Prompt.Count > 1 || said.Length + task.Gold.Length > LongAnswer || FactReader.Sentences(said).Any(s => FactReader.Read(s) is not null)) continue;
                Say(said, task.Gold);
                return;
            }
        }

        /// <summary>A question about what was told, or about what was not.</summary>
        public Question Ask()
        {
            if (_facts.Count == 0) return AskUntold(Draw([]));
            Fact fact = _changed is not null && random.Next(2) == 0 ? _changed : random.Pick(_facts);
            return random.Next(100) switch { < 74 => AskFor(fact), < 82 => AskBack(fact), < 91 => AskBeside(fact, isSameSubject: true), _ => AskBeside(fact, isSameSubject: false) };
        }

        /// <summary>Everything that was told is asked for, in any order, and sometimes something else.</summary>
        public void AnswerAll()
        {
            Fact[] order = [.. _facts];
            random.Shuffle(order.AsSpan());
            foreach (Fact fact in order) Answer(random.Next(4) == 0 ? AskBack(fact) : AskFor(fact));
            if (random.Next(2) == 0) Answer(AskBeside(random.Pick(order), random.Next(2) == 0));
        }

        /// <summary>The question is asked and answered.</summary>
        public void Answer(Question question) => Say(question.Prompt[^1].Content, question.Gold);

        private Question AskFor(Fact fact) => Put(fact.Relation.Ask(fact.Subject, split, random), fact.Sentence, answer => Reply.Says(answer, fact.Value, Rivals(fact)));

        private Question AskBack(Fact fact) => Put(fact.Relation.AskBack(fact.Value, split, random), fact.Sentence, answer => Reply.Same(answer, fact.Sentence));

        // Something else of the same subject, or of another one.
        private Question AskBeside(Fact fact, bool isSameSubject)
        {
            Relation[] others = [.. Relations.All.Where(r => isSameSubject && Suits(r, fact) && IsFree(_facts, fact.Subject, r))];
            return AskUntold(others.Length > 0 ? fact with { Relation = random.Pick(others) } : Draw(_facts));
        }

        private Question AskUntold(Fact neighbour)
        {
            (Relation relation, string subject) = (neighbour.Relation, neighbour.Subject);
            string asked = relation.Ask(subject, split, random), gold = Fact.Unknown(relation, subject);
            string[] guesses = [.. relation.Values.Concat(_said).Where(v => !Reply.HasWords(asked, v) && !Reply.HasWords(gold, v))];
            return Put(asked, gold, answer => Reply.Plain(answer) is var plain && (plain.StartsWith("i don't know", StringComparison.Ordinal) || plain.StartsWith("you have not told me", StringComparison.Ordinal))
                && !guesses.Any(v => Reply.HasWords(answer, v))) with
            { IsUnanswerable = true };
        }

        private Question Put(string asked, string gold, Func<string, bool> isRight)
        {
            Question task = Task(isTyped && split == Split.Train ? QuestionVariety.Vary(asked, random) : asked, gold, isRight);
            return new Question([.. Messages, .. task.Prompt], task.Gold, task.Score);
        }

        private string[] Rivals(Fact fact) => [.. fact.Relation.Values.Concat(_said).Where(v => !Reply.HasWords(fact.Sentence, v))];

        // One fact in six is about a subject of which something is told already, one in six tells the same of another subject: such neighbours are easily mixed up.
        private Fact Draw(List<Fact> beside)
        {
            while (true)
            {
                Fact? near = beside.Count > 0 ? random.Pick(beside) : null;
                int nearness = near is null ? 2 : random.Next(6);
                SubjectKind kind = random.Next(10) switch
                {
                    < 3 => SubjectKind.Self,
                    < 6 => SubjectKind.Person,
                    < 8 => SubjectKind.Belonging,
                    _ => random.Pick<SubjectKind>([SubjectKind.Town, SubjectKind.Creature, SubjectKind.Plant]),
                };
                Relation relation = nearness == 1 ? near!.Relation : random.Pick(Relations.All.Where(r => nearness == 0 ? Suits(r, near!) : r.Kind == kind).ToArray());
                string subject = nearness == 0 ? near!.Subject : Subject(relation);
                if (IsFree(beside, subject, relation) && NewValue(relation, subject) is { } value) return new Fact(subject, relation, value);
            }
        }

        private Fact Otherwise(Fact fact) => NewValue(fact.Relation, fact.Subject) is { } value ? fact with { Value = value } : fact;

        // Whether the relation can be told of the fact's subject too: a sister has a name as well as a job.
        private static bool Suits(Relation relation, Fact fact) => fact.Subject.StartsWith("my ", StringComparison.Ordinal) && Relations.Relatives.Contains(fact.Subject[3..])
            ? relation.Kind is SubjectKind.Person || (relation.Kind is SubjectKind.Belonging && relation.HasNames) : relation.Kind == fact.Relation.Kind;

        private static bool IsFree(List<Fact> beside, string subject, Relation relation) => !beside.Any(f => f.Subject == subject && f.Relation == relation);

        private void Hold(Fact fact)
        {
            if (_facts.RemoveAll(f => f.Key == fact.Key) > 0) _changed = fact;
            _facts.Add(fact);
        }

        private string Subject(Relation relation)
        {
            if (relation.Kind is SubjectKind.Belonging && relation.HasNames && random.Next(4) == 0) return "my " + random.Pick(Relations.Relatives);
            string subject = Subjects.Draw(relation.Kind, split, random);
            return subject is "I" || subject.StartsWith("my ", StringComparison.Ordinal) || _said.Add(subject) ? subject : Subject(relation);
        }

        // Null where nearly all values are said already. No teacher is a teacher: a question for the job would say the answer.
        private string? NewValue(Relation relation, string subject)
        {
            for (int attempt = 0; attempt < 30; attempt++)
            {
                string value = random.Next(split == Split.Train ? 2 : 8) == 0 ? Strange(relation) : Subjects.Value(relation, split, random);
                if (!Reply.HasWords(subject, value) && _said.Add(value)) return value;
            }

            return null;
        }

        // Values that no list has. Where ten values are all there are, a small model learns to guess among them
        // long before it learns to look; so training has more of these than anybody says.
        private string Strange(Relation relation) => relation.Name.Split('/')[^1] switch
        {
            "town" or "mayor" or "name" => Names.Visitor(split, random),
            "birthday" or "sound" => Subjects.Value(relation, split, random),
            _ => Names.Unknown(split, random),
        };

        // "I like the gruvin best" does not say the best of what.
        private string State(Fact fact)
        {
            string said = fact.Relation.State(fact.Subject, fact.Value, split, random);
            return said.EndsWith(" best.", StringComparison.Ordinal) && !fact.Relation.Values.Contains(fact.Value) ? State(fact) : said;
        }

        // Mostly in the assistant's own words: who asks later is answered by a sentence that stands there already, and sees at once what was understood.
        private string Acknowledge(List<Fact> facts) => random.Next(5) == 0 ? Promise
            : facts.Count == 1 && facts[0].Relation.Name == "self/name" && random.Next(2) == 0 ? Conversations.Welcome(facts[0].Value, random)
            : string.Join(' ', facts.Select(f => f.Sentence));

        private void Say(string user, string assistant)
        {
            Messages.Add(new Message(Role.User, isTyped ? Typing.AsTyped(user, random) : user));
            Messages.Add(new Message(Role.Assistant, assistant));
        }
    }
}
