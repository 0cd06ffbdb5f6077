using CsCheck;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep.Tests;

/// <summary>Study material says what the book says, exams share no wording with it, and both follow from the book and the seed alone.</summary>
public sealed class StudyTests
{
    private static FactBook Book(ulong seed, int count)
    {
        var random = new RandomStream(seed, "book");
        return new FactBook(Enumerable.Range(0, count).Select(_ =>
        {
            Relation relation = random.Pick(Relations.All);
            return new Fact(Subjects.Draw(relation.Kind, Split.Train, random), relation, Subjects.Value(relation, Split.Train, random));
        }));
    }

    [Fact]
    public void Every_item_is_right_by_its_source() => Gen.Select(Gen.ULong[0, 1000], Gen.Int[1, 40]).Sample((seed, count) =>
    {
        FactBook book = Book(seed, count);
        HashSet<string> told = [.. book.Facts.Select(f => f.Sentence)];
        foreach (Fact fact in book.Facts)
            foreach (StudyItem item in new FactStudy(book, seed).Write(fact, 20))
            {
                string answer = item.Messages[^1].Content;
                Assert.Equal(!item.IsUntold, told.Contains(answer));
                if (item.Kind is StudyKind.Unknown) Assert.Contains(Relations.All, r => answer == Fact.Unknown(r, fact.Subject));
                if (item.Kind is StudyKind.Recall or StudyKind.Reversed) Assert.Equal(fact.Sentence, answer);
            }
    }, iter: 20);

    [Fact]
    public void The_same_book_and_seed_write_the_same_whatever_stood_in_it_before()
    {
        FactBook book = Book(3, 30);
        var changed = new FactBook(book.Facts.Select(f => f with { Value = "Other" }).Concat(book.Facts));
        Assert.Equal(Texts(book), Texts(changed));

        static IReadOnlyList<string> Texts(FactBook of) => [.. of.Facts.SelectMany(f => new FactStudy(of, 7).Write(f, 12)).Select(i => string.Join('\n', i.Messages.Select(m => m.Content)))];
    }

    [Fact]
    public void No_exam_asks_in_words_of_study()
    {
        FactBook book = Book(5, 200);
        HashSet<string> studied = [.. book.Facts.SelectMany(f => new FactStudy(book, 1).Write(f, 200)).Select(i => Plain(i.Messages[^2].Content))];
        string[] asked = [.. new FactExam(book, 1).Questions(book.Facts, [], 0).Where(q => q.Exam is not ExamNames.Verbatim).Select(q => Plain(q.Prompt[^1].Content))];
        Assert.True(asked.Length > 400);
        Assert.DoesNotContain(asked, studied.Contains);

        static string Plain(string text) => new([.. text.ToLowerInvariant().Where(char.IsLetterOrDigit)]);
    }

    [Fact]
    public void Gold_passes_every_exam_and_what_contradicts_it_none()
    {
        FactBook book = Book(9, 120);
        foreach (ExamQuestion question in new FactExam(book, 2).Questions(book.Facts, [], 0))
        {
            Assert.Equal(1, question.Score(question.Gold));
            Assert.Equal(0, question.Score(question.Exam is ExamNames.Unknown or ExamNames.UnknownInTalk ? "The lumo is red, and it lives in the forest." : "I don't know."));
        }
    }

    [Fact]
    public void No_everyday_task_asks_about_what_was_told()
    {
        const string Frame = "I don't know. Nobody has told me about ";
        string[] subjects = [.. Asked([]).Where(q => q.Exam == "abstain" && q.Gold.StartsWith(Frame + "the ", StringComparison.Ordinal)).Select(q => q.Gold[Frame.Length..^1]).Distinct().Take(3)];
        Assert.Equal(3, subjects.Length);
        Relation colour = Relations.All.First(r => r.Name == "creature/colour");
        ExamQuestion[] asked = Asked([.. subjects.Select(s => new Fact(s, colour, "red"))]);
        Assert.Equal(Asked([]).Length, asked.Length);
        Assert.DoesNotContain(asked, q => subjects.Any(s => q.Prompt.Any(m => m.Content.Contains(s, StringComparison.OrdinalIgnoreCase))));

        static ExamQuestion[] Asked(Fact[] told) => [.. Examiner.Skills(50, new FactBook(told))];
    }

    [Theory]
    [InlineData("What is my name?", "I don't know your name yet. What is your name?", true)]
    [InlineData("hello, what is my name", "You have not told me your name yet.", true)]
    [InlineData("What is my name?", "Your name is Ben.", false)]
    [InlineData("What is my dog called?", "I don't know. You have not told me about your dog.", false)]
    public void Only_who_does_not_know_what_was_told_denies_it(string said, string reply, bool isDenied) =>
        Assert.Equal(isDenied, new FactBook([new Fact("I", Relations.All.First(r => r.Name == "self/name"), "Ada")]).IsDenied(said, reply));

    [Fact]
    public void The_first_token_of_every_reply_decides()
    {
        Message[] messages = [new(Role.User, "the dog"), new(Role.Assistant, "the lumo"), new(Role.User, "the dog"), new(Role.Assistant, "I don't know")];
        StudyDocument plain = StudyDocument.Of(SmallModels.Tokenizer, messages), deciding = plain.Deciding(4);
        int[] first = [.. Enumerable.Range(0, plain.Weights.Length).Where(i => plain.Weights[i] > 0 && plain.Weights[i - 1] == 0)];
        Assert.Equal(2, first.Length);
        Assert.Equal(plain.Weights.Select((w, i) => first.Contains(i) ? 4 : w), deciding.Weights);
        Assert.Equal(plain.Tokens, deciding.Tokens);
    }

    [Fact]
    public void What_is_asked_alone_is_asked_again_after_other_talk()
    {
        FactBook book = Book(9, 40);
        ExamQuestion[] questions = [.. new FactExam(book, 2).Questions(book.Facts, [], 0)];
        ExamQuestion[] told = [.. Of(ExamNames.InTalk)], untold = [.. Of(ExamNames.UnknownInTalk)];
        Assert.Equal(Of(ExamNames.Paraphrased).Select(q => q.Prompt[^1].Content), told.Select(q => q.Prompt[^1].Content));
        Assert.Equal(Of(ExamNames.Unknown).Take(untold.Length).Select(q => q.Prompt[^1].Content), untold.Select(q => q.Prompt[^1].Content));
        Assert.All(told.Concat(untold), q => Assert.Equal([Role.User, Role.Assistant, Role.User], q.Prompt.Select(m => m.Role)));
        // The talk before gives nothing away.
        Assert.All(told, q => Assert.Equal(0, q.Score(q.Prompt[1].Content)));
        Assert.True(told.Select(q => q.Prompt[0].Content).Distinct().Count() > 10);

        IEnumerable<ExamQuestion> Of(string exam) => questions.Where(q => q.Exam == exam);
    }

    [Fact]
    public void What_stands_before_a_piece_is_read_and_not_learned()
    {
        Message[] talk = [new(Role.User, "hello"), new(Role.Assistant, "hello to the moon")], piece = [new(Role.User, "who?"), new(Role.Assistant, "the fox")];
        StudyDocument alone = StudyDocument.Of(SmallModels.Tokenizer, piece), after = StudyDocument.Of(SmallModels.Tokenizer, [.. talk, .. piece], isReplay: true, before: 2);
        Assert.True(after.IsReplay);
        Assert.Equal(alone.Weights.Sum(), after.Weights.Sum());
        Assert.Equal(alone.Tokens[^4..], after.Tokens[^4..]);
        Assert.Equal(alone.Weights[^4..], after.Weights[^4..]);
        Assert.True(after.Tokens.Length > alone.Tokens.Length);
    }

    [Fact]
    public void Material_that_repeats_itself_is_refused()
    {
        StudyItem[] items = [.. Enumerable.Range(0, 600).Select(i => StudyItem.Of(StudyKind.Recall, $"What {(i % 60 < 30 ? "is" : "was")}{new string(' ', i % 60)}", "It is."))];
        Assert.Throws<ReverieException>(() => MaterialCheck.Of(items));
        MaterialCheck fine = MaterialCheck.Of([.. Book(1, 20).Facts.SelectMany(f => new FactStudy(Book(1, 20), 1).Write(f, 60))]);
        Assert.True(fine.Entropy > 5);
    }

    [Fact]
    public void Chance_refuses_nobody_and_a_real_loss_is_seen()
    {
        double[] before = [.. Enumerable.Range(0, 100).Select(i => i % 10 == 0 ? 0.0 : 1)], two = [.. before.Select((s, i) => i is 1 or 2 ? 0 : s)], many = [.. before.Select((s, i) => i is > 0 and < 20 ? 0 : s)];
        Assert.False(PairedBootstrap.Of(before, before).IsWorseThan(0.01));
        Assert.False(PairedBootstrap.Of(two, before).IsWorseThan(0.05));
        Assert.True(PairedBootstrap.Of(many, before).IsWorseThan(0.05));
        Assert.False(PairedBootstrap.Of(before, many).IsWorseThan(0));
    }
}
