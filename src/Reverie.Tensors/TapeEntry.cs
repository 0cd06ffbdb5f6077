namespace Reverie.Tensors;

/// <summary>One recorded op: what it read, what it wrote, and what its backward pass needs. A struct, so that recording makes no garbage.</summary>
internal struct TapeEntry
{
    public IOperation Operation;
    public Tensor Output;
    public Tensor Input;
    public Tensor? Weight;
    public Tensor? SecondWeight;
    public Tensor? Saved;
    public Tensor? Residual;
    public AttentionShape? Shape;
    public Array? Indices;
    public int Count;
    public float Scale;
}

/// <summary>The backward half of an op.</summary>
internal interface IOperation
{
    /// <summary>Reads the output's gradient and adds to the gradients of what the op read.</summary>
    void Backward(Tape tape, in TapeEntry entry);
}
