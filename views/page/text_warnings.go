package page

// Warning is what must be known before somebody is deleted or re-issued. Its values are those of the forms, which
// send back what they have said.
type Warning string

// The warnings.
const (
	LastOwner         Warning = "last-owner"      // nobody but the account holder will have Owner afterwards
	ConsoleKeyUnknown Warning = "own-key-unknown" // the console's own key may be theirs
	KeysRemain        Warning = "keys"            // keys are theirs, or it is not known whether any is
)
