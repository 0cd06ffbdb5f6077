namespace Reverie.Tensors.Tests;

public sealed class ParameterSetTests
{
    [Fact]
    public void Parameters_are_parts_of_one_buffer_that_start_on_cache_lines()
    {
        using var set = new ParameterSet([("a", ParameterKind.Matrix, 3, 5), ("b", ParameterKind.Gain, 1, 17), ("c", ParameterKind.Embedding, 2, 16)]);
        Assert.Equal(["a", "b", "c"], set.All.Select(p => p.Name));
        Assert.Equal([0L, 16L, 48L], set.All.Select(p => p.Offset));
        Assert.Equal((3 * 5) + 17 + (2 * 16), set.Count);
        Assert.Equal(80, set.Values.Length);
        set["b"].Value.Span.Fill(2);
        Assert.Equal(17 * 2, set.Values.Span.ToArray().Sum());
        Assert.Equal(2, set.Values.Span[16]);
        Assert.True(set["c"].Value.IsParameter);
    }

    [Fact]
    public void Gradients_have_the_layout_of_the_values_and_are_made_once()
    {
        using var set = new ParameterSet([("a", ParameterKind.Matrix, 2, 2), ("b", ParameterKind.Gain, 1, 3)]);
        Assert.Null(set.Gradients);
        Assert.Null(set["a"].Value.Gradient);
        set.AllocateGradients();
        set["b"].Value.Gradient!.Span.Fill(3);
        set.AllocateGradients();
        Assert.Equal(3, set.Gradients!.Span[16]);
        Assert.Equal(9, set.Gradients.Span.ToArray().Sum());
        Assert.Equal(3, ParameterSet.Part(set.Gradients, set["b"]).Span[2]);
    }

    [Fact]
    public void A_model_opened_for_inference_says_so_when_it_is_trained()
    {
        using var set = new ParameterSet([("w", ParameterKind.Matrix, 2, 2)]);
        using var kernels = new CpuKernels(1);
        using var arena = new Arena();
        var tape = new Tape(kernels, arena);
        Tensor y = Ops.Linear(tape, arena.Allocate(1, 2, clear: true), set["w"].Value);
        tape.GradientOf(y, out _).Span.Fill(1);
        Assert.Contains("opened for inference", Assert.Throws<InvalidOperationException>(tape.Backward).Message);
    }
}
