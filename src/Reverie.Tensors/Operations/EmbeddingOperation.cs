namespace Reverie.Tensors.Operations;

internal sealed class EmbeddingOperation : IOperation
{
    public static readonly EmbeddingOperation Instance = new();

    public void Backward(Tape tape, in TapeEntry entry) =>
        tape.Kernels.EmbedBackward(entry.Output.Gradient!, ((int[])entry.Indices!).AsSpan(0, entry.Count), tape.GradientOf(entry.Input, out _));
}
