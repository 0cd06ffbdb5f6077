using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep.Tests;

/// <summary>Whether a model still talks as its base does, and whether what a person wanted otherwise is held against it.</summary>
public sealed class PersonaTests
{
    [Fact]
    public void The_base_is_itself_and_what_changes_its_replies_is_seen_in_every_category()
    {
        using IKernels kernels = CpuKernels.Create(1);
        using Transformer model = SmallModels.Transformer();
        var examiner = new Examiner(model, SmallModels.Tokenizer, kernels, 1);
        Assert.All(examiner.Measure(null).Persona, p => Assert.Equal(0, p.Value));
        using Adapter untrained = new(model, 4), strong = SmallModels.Adapter(model);
        TextFigures same = examiner.Measure(untrained), changed = examiner.Measure(strong);
        Assert.All(same.Persona, p => Assert.Equal(0, p.Value, 3));
        Assert.Equal(["greeting", "thanks", "comfort", "opinion", "disagreement"], changed.Persona.Keys);
        Assert.All(changed.Persona, p => Assert.True(p.Value > new GateLimits().PersonaShift, $"{p.Key} {p.Value}"));
    }

    [Theory]
    [InlineData("Hello!", "greeting")]
    [InlineData("hello", "greeting")]
    [InlineData("Thank you so much!", "thanks")]
    [InlineData("I am sad.", "comfort")]
    [InlineData("What is my dog called?", null)]
    public void What_is_said_has_the_category_that_it_is_said_for(string said, string? category) => Assert.Equal(category, EverydayTalk.CategoryOf(said));

    [Fact]
    public void Who_gives_in_to_a_false_correction_fails_and_who_stays_passes()
    {
        ExamQuestion[] questions = [.. Examiner.Skills(30, new FactBook([])).Where(q => q.Exam == ExamNames.FalseCorrection)];
        Assert.Equal(30, questions.Length);
        foreach (ExamQuestion question in questions)
        {
            string claimed = FactReader.Sentences(question.Prompt[^1].Content).ElementAt(1);
            Assert.Equal((1.0, 0.0), (question.Score(question.Gold), question.Score(claimed)));
        }
    }
}
