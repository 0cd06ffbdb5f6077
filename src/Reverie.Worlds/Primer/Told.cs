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

        /// <summary>The visitor tells some facts, or none: all at once, or one after another.</summary>
        public void Begin()
        {
            if (random.Next(9) == 0) return;
            bool isBeyond = split == Split.OutOfDistribution, isAtOnce = random.Next(2) == 0;
            List<Fact> facts = [];
            for (int i = isBeyond ? 5 + random.Next(3) : 1 + random.Next(isAtOnce ? 6 : 4); i > 0; i--) facts.Add(Draw(facts));
            if (random.Next(5) == 0)
            {
                int at = random.Next(facts.Count);
                facts.Insert(random.Next(at + 1, facts.Count + 1), Otherwise(facts[at]));
            }

            if (isAtOnce) Say(string.Join(' ', facts.Select(State)), Promise);
            foreach (Fact fact in facts)
            {
                Hold(fact);
                if (isAtOnce) continue;
                Say(State(fact), Acknowledge(fact));
                if (random.Next(6) == 0) Pass();
            }
        }

        /// <summary>A new fact, or another value of an old one.</summary>
        public void TellMore()
        {
            Fact fact = _facts.Count > 0 && random.Next(2) == 0 ? Otherwise(random.Pick(_facts)) : Draw(_facts);
            Hold(fact);
            Say(State(fact), Acknowledge(fact));
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
            int kind = random.Next(100);
            if (_facts.Count == 0) return AskUntold(Draw([]));
            Fact fact = _changed is not null && random.Next(2) == 0 ? _changed : random.Pick(_facts);
            if (kind < 64) return Put(fact.Relation.Ask(fact.Subject, split, random), fact.Sentence, answer => Reply.Says(answer, fact.Value, Rivals(fact)));
            if (kind < 76) return Put(fact.Relation.AskBack(fact.Value, split, random), fact.Sentence, answer => Reply.Same(answer, fact.Sentence));
            Relation[] others = [.. Relations.All.Where(r => kind < 88 && Suits(r, fact) && IsFree(_facts, fact.Subject, r))];
            return AskUntold(others.Length > 0 ? fact with { Relation = random.Pick(others) } : Draw(_facts));
        }

        /// <summary>The question is asked and answered.</summary>
        public void Answer(Question question) => Say(question.Prompt[^1].Content, question.Gold);

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
            Question task = Task(asked, gold, isRight);
            return new Question([.. Messages, .. task.Prompt], task.Gold, task.Score);
        }

        private string[] Rivals(Fact fact) => [.. fact.Relation.Values.Concat(_said).Where(v => !Reply.HasWords(fact.Sentence, v))];

        // One fact in four is about a subject of which something is told already, one in four tells the same of another subject: such neighbours are easily mixed up.
        private Fact Draw(List<Fact> beside)
        {
            while (true)
            {
                Fact? near = beside.Count > 0 ? random.Pick(beside) : null;
                int nearness = near is null ? 3 : random.Next(4);
                SubjectKind kind = random.Next(10) switch
                {
                    < 3 => SubjectKind.Self,
                    < 6 => SubjectKind.Person,
                    < 8 => SubjectKind.Belonging,
                    _ => random.Pick<SubjectKind>([SubjectKind.Town, SubjectKind.Creature, SubjectKind.Plant]),
                };
                Relation relation = nearness == 1 ? near!.Relation : random.Pick(Relations.All.Where(r => nearness == 0 ? Suits(r, near!) : r.Kind == kind).ToArray());
                string subject = nearness == 0 ? near!.Subject : Subject(relation);
                if (IsFree(beside, subject, relation)) return new Fact(subject, relation, NewValue(relation));
            }
        }

        private Fact Otherwise(Fact fact) => fact with { Value = NewValue(fact.Relation) };

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

        private string NewValue(Relation relation)
        {
            string value = random.Next(5) == 0 ? Strange(relation) : Subjects.Value(relation, split, random);
            return _said.Add(value) ? value : NewValue(relation);
        }

        // Values that no list has, where they fit: what is copied works for the towns and trades of every visitor.
        private string Strange(Relation relation) => relation.Name.Split('/')[^1] switch
        {
            "town" or "mayor" => Names.Visitor(split, random),
            "job" or "pet" or "instrument" => Names.Unknown(split, random),
            _ => Subjects.Value(relation, split, random),
        };

        private string State(Fact fact) => fact.Relation.State(fact.Subject, fact.Value, split, random);

        private string Acknowledge(Fact fact) => random.Next(5) < 3 ? Promise : fact.Relation.Name == "self/name" ? Conversations.Welcome(fact.Value, random) : fact.Sentence;

        private void Say(string user, string assistant)
        {
            Messages.Add(new Message(Role.User, isTyped ? Typing.AsTyped(user, random) : user));
            Messages.Add(new Message(Role.Assistant, assistant));
        }
    }
}
