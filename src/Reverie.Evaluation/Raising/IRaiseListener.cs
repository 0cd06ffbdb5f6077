using Reverie.Training;

namespace Reverie.Evaluation;

/// <summary>Whoever follows a model being raised: what <see cref="IRunListener"/> tells of the stages, and what happens around them.</summary>
public interface IRaiseListener : IRunListener
{
    /// <summary>A phase that is not training goes on: measuring, tokenizer, data, exams.</summary>
    /// <param name="phase">Its name.</param>
    /// <param name="fraction">How much of it is done, 0 to 1; NaN where that is not known.</param>
    /// <param name="detail">A few words.</param>
    void Progressed(string phase, double fraction, string detail);

    /// <summary>The plan stands.</summary>
    void Planned(RaisePlan plan, bool resumed);

    /// <summary>An exam was graded after a stage.</summary>
    void Examined(string stage, ExamResult result);

    /// <summary>A checkpoint was saved.</summary>
    void Saved(string model, string folder);
}
