using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>
/// Writes study material about answers that were put right. A correction means more than the one turn: wherever the base would have given the answer
/// that was put right, the person would have put it right too. So it is the base that says which of the things that people say often are meant.
/// </summary>
internal sealed class LessonStudy
{
    private const int OwnDemonstrations = 10, DemonstrationsOfWording = 8, MostWordings = 24, Conversations = 800, MostSayings = 400, LongestSaying = 60, LongestAnswer = 120;

    // Said by the base at least once in a hundred times, and not much more seldom than where it says it most.
    private const double LeastLikelihood = 0.01, ShareOfLargest = 0.2;

    private readonly Transformer _model;
    private readonly Tokenizer _tokenizer;
    private readonly IKernels _kernels;
    private readonly Lazy<IReadOnlyList<string>> _sayings = new(Sayings);
    private readonly Dictionary<string, IReadOnlyList<string>> _meant = [];

    /// <summary>Studies lessons of a base.</summary>
    public LessonStudy(Transformer model, Tokenizer tokenizer, IKernels kernels) => (_model, _tokenizer, _kernels) = (model, tokenizer, kernels);

    /// <summary>Writes the demonstrations of a lesson.</summary>
    public IEnumerable<StudyItem> Write(Lesson lesson, RandomStream random)
    {
        for (int i = 0; i < OwnDemonstrations; i++) yield return new StudyItem(StudyKind.Demonstration, [.. lesson.Prompt.SkipLast(1), lesson.Prompt[^1] with { Content = Typing.AsTyped(lesson.Prompt[^1].Content, random) }, new Message(Role.Assistant, lesson.Wanted)]);
        foreach (string wording in Wordings(lesson))
            for (int i = 0; i < DemonstrationsOfWording; i++) yield return StudyItem.Of(StudyKind.Demonstration, Typing.AsTyped(wording, random), lesson.Wanted);
    }

    /// <summary>
    /// What else people say to which the base would give the answer that was put right, the most likely first. Nothing, where the answer belongs to a
    /// conversation, states a fact or is long: then it is right there alone.
    /// </summary>
    public IReadOnlyList<string> Wordings(Lesson lesson)
    {
        if (lesson.Said is not { } said || lesson.Prompt.Count > 1 || said.Length > LongestAnswer || FactReader.ReadAnswer(lesson.Wanted) is not null) return [];
        if (_meant.TryGetValue(said, out IReadOnlyList<string>? meant)) return meant;
        StudyDocument[] answers = [.. _sayings.Value.Select(s => StudyDocument.Of(_tokenizer, [new Message(Role.User, s), new Message(Role.Assistant, said)]))];
        IReadOnlyList<AnswerScore> scores = _model.Wear(null, () => AnswerScores.Of(_model, _kernels, answers));
        double least = Math.Log(Math.Max(LeastLikelihood, ShareOfLargest * scores.Max(s => Math.Exp(s.Sum))));
        return _meant[said] = [.. _sayings.Value.Zip(scores).Where(s => s.Second.Sum >= least).OrderByDescending(s => s.Second.Sum).Take(MostWordings).Select(s => s.First)];
    }

    // What is said in more than one conversation of the curriculum: what is said in one alone is about something.
    private static IReadOnlyList<string> Sayings() =>
        [.. Primer.Corpora.First(c => c.Name == "conversation").Documents(Split.Train, 5).Where(d => d.Messages is not null).Take(Conversations)
            .SelectMany(d => d.Messages!.Where(m => m.Role is Role.User && m.Content.Length <= LongestSaying).Select(m => m.Content).DistinctBy(EverydayTalk.Letters))
            .GroupBy(EverydayTalk.Letters).Where(g => g.Count() > 1 && g.Key.Length > 0).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Take(MostSayings).Select(g => g.First())];
}
