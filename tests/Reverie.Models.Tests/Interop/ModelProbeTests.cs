using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Interop;

public sealed class ModelProbeTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"reverie-probe-{Guid.NewGuid():N}.json");
    private readonly IKernels _kernels = new CpuKernels(1);
    private readonly Transformer _model = SmallModels.Transformer();

    public void Dispose()
    {
        File.Delete(_path);
        _model.Dispose();
        _kernels.Dispose();
    }

    [Fact]
    public void A_model_is_itself_by_way_of_a_file()
    {
        ModelProbe probe = ModelProbe.Measure(_model, _kernels);
        Assert.Equal(ModelProbe.Length, probe.Ids.Count);
        Assert.All(probe.Ids, id => Assert.InRange(id, 0, 303));
        ProbeFile.Write(_path, probe, 0.25);
        (ModelProbe read, double tolerance) = ProbeFile.Read(_path);
        Assert.Equal(0.25, tolerance);
        Assert.Equal(ProbeFile.Kept, read.Positions[0].Tokens.Length);
        ProbeDifference difference = ModelProbe.MeasureLike(read, _model, _kernels).Against(read);
        Assert.Equal((0, 1), (difference.Largest, difference.Agreement));
        Assert.InRange(difference.Divergence, 0, 1e-6);
    }

    [Fact]
    public void Another_model_is_told_apart_the_same_way_through_a_file_or_not()
    {
        using Transformer other = SmallModels.Transformer(seed: 2);
        ModelProbe mine = ModelProbe.Measure(_model, _kernels), theirs = ModelProbe.Measure(other, _kernels);
        ProbeDifference whole = theirs.Against(mine);
        ProbeFile.Write(_path, mine, 1);
        ProbeDifference cut = theirs.Against(ProbeFile.Read(_path).Probe);
        Assert.True(whole.Largest >= cut.Largest && cut.Largest > 0.1);
        Assert.Equal(whole.Agreement, cut.Agreement);
        // Leaving tokens out can only lose divergence (data processing inequality).
        Assert.InRange(cut.Divergence, 0.5 * whole.Divergence, whole.Divergence + 1e-9);
    }

    [Theory]
    [InlineData("{}", "vocabulary")]
    [InlineData("""{"vocabulary":304,"ids":[1],"positions":[]}""", "1 ids and 0 positions")]
    [InlineData("""{"vocabulary":304,"ids":[304],"positions":[{}]}""", "304, which is no token")]
    [InlineData("""{"vocabulary":304,"ids":[1],"positions":[{"tokens":[1,1],"logits":[1,2],"log_sum_exp":3}]}""", "belong together")]
    [InlineData("""{"vocabulary":304,"ids":[1],"positions":[{"tokens":[1],"logits":["x"],"log_sum_exp":3}]}""", "not a list of numbers")]
    [InlineData("""{"vocabulary":304,"ids":[1],"positions":[{"tokens":[1],"logits":[1]}]}""", "log_sum_exp")]
    public void Damaged_files_are_refused(string text, string fault)
    {
        File.WriteAllText(_path, text);
        Assert.Contains(fault, Assert.Throws<ReverieException>(() => ProbeFile.Read(_path)).Message);
    }

    [Fact]
    public void Models_of_other_vocabularies_are_not_compared()
    {
        using Transformer other = SmallModels.Transformer(SmallModels.Config() with { VocabularySize = 310 });
        Assert.Contains("310", Assert.Throws<ReverieException>(() => ModelProbe.MeasureLike(ModelProbe.Measure(_model, _kernels), other, _kernels)).Message);
    }
}
